/** Properties of runs beside each other. Pure. */

import { lineOf } from "~/components/value/text";
import { count } from "~/lib/format";
import { nusd, usd } from "~/lib/money";
import type { Comparison } from "./figures";

export interface PropertyRow {
  name: string;
  cells: string[];
  differs: boolean;
}

/** What runs are made of, one line for each property; settings of models last. */
export function propertiesOf(comparison: Comparison): PropertyRow[] {
  const { runs } = comparison;
  const version = (of: { name: string; version: number | null } | null) =>
    of === null ? "" : of.version === null ? of.name : `${of.name}:v${of.version}`;
  const settings = [...new Set(runs.flatMap((one) => Object.keys(one.properties)))];
  const lines: [string, string[]][] = [
    ["Run", runs.map(({ run }) => run.name)],
    ["Status", runs.map(({ run }) => run.status)],
    ["Model", runs.map(({ run }) => version(run.model))],
    ["Dataset", runs.map(({ run }) => version(run.dataset))],
    ["Evaluation", runs.map(({ run }) => version(run.evaluation))],
    ["Scorers", runs.map(({ run }) => run.scorers.join(", "))],
    ["Rows", runs.map((one) => count(one.rows))],
    ["Trials", runs.map((one) => count(one.trials))],
    ["Failed rows", runs.map((one) => count(one.failed_rows))],
    ["Cost of the model", runs.map((one) => money(one.model_cost_nusd))],
    ["Cost with judges", runs.map(({ run }) => money(run.cost_nusd))],
    ["Cost unknown", runs.map(({ run }) => run.unpriced_models.join(", "))],
    ["By", runs.map(({ run }) => run.user ?? "")],
    ...settings.map((name): [string, string[]] => [
      `model.${name}`,
      runs.map((one) => lineOf(one.properties[name])),
    ]),
  ];
  return lines
    .filter(([, cells]) => cells.some((cell) => cell !== ""))
    .map(([name, cells]) => ({ name, cells, differs: new Set(cells).size > 1 }));
}

function money(amount: string | null): string {
  return amount === null ? "" : usd(nusd(amount));
}
