import { refOf } from "~/api/weave/refs";
import type { Tone } from "~/components/Badge";
import type { Monitor, Rule, ScoreFigure } from "./queries";

/** How a monitor is, in a word. */
export function stateWord(monitor: Pick<Monitor, "state" | "pause">): { word: string; tone: Tone } {
  switch (monitor.state) {
    case "running":
      return { word: "running", tone: "good" };
    case "starting":
      return { word: "starting", tone: "accent" };
    case "off":
      return { word: "off", tone: "plain" };
    default:
      return PAUSED[monitor.pause] ?? { word: "paused", tone: "warn" };
  }
}

const PAUSED: Record<string, { word: string; tone: Tone }> = {
  budget: { word: "budget spent", tone: "warn" },
  grant: { word: "needs a budget", tone: "warn" },
  refused: { word: "refused", tone: "bad" },
  errors: { word: "failing", tone: "bad" },
  scorer: { word: "cannot run", tone: "bad" },
  owner: { word: "nobody's", tone: "bad" },
};

/** What there is to do about a pause; empty where nothing is. */
export function whatToDo(monitor: Pick<Monitor, "state" | "pause">): string {
  if (monitor.state !== "paused") return "";
  switch (monitor.pause) {
    case "budget":
      return "It goes on at 00:00 UTC. Give it a larger budget to go on today.";
    case "grant":
      return "Give it a budget for a day: it will be on your account.";
    case "refused":
      return "Mend what the reason says, then switch it on again.";
    case "errors":
      return "Mostly the prompt names an input that the calls do not have. Edit it, or switch it on again.";
    case "scorer":
      return "Only scorers that are settings run here, never code. Edit it, and choose other scorers.";
    default:
      return "Somebody who may run models gives it a budget; it is then on their account.";
  }
}

/** A figure's name: `Hallucination.flagged`. */
export function figureName(figure: { scorer: string; field: string }): string {
  return figure.field ? `${figure.scorer}.${figure.field}` : figure.scorer;
}

/** A figure's value: a share as a percentage. */
export function valueText(value: number, isShare: boolean): string {
  if (isShare) return `${(value * 100).toFixed(value > 0 && value < 0.1 ? 1 : 0)} %`;
  return Number.isInteger(value) ? String(value) : value.toPrecision(3);
}

/** A value with its interval and how many results it is of. */
export function figureText(figure: Pick<ScoreFigure, "mean" | "low" | "high" | "n" | "is_share">): string {
  const { low, high, is_share: isShare } = figure;
  const interval =
    low === null || high === null ? "" : ` (${valueText(low, isShare)} to ${valueText(high, isShare)})`;
  return `${valueText(figure.mean, isShare)}${interval}, n = ${figure.n}`;
}

/** One value of a result. */
export function resultText(value: boolean | number): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  return Number.isInteger(value) ? String(value) : value.toPrecision(3);
}

/** What an op is called, of a name or a reference. */
export function opName(told: string): string {
  return refOf(told)?.name ?? told;
}

/** A rule in a sentence. */
export function ruleText(rule: Rule): string {
  const what = figureName(rule);
  const side = rule.is_above ? "above" : "below";
  const figure: Record<Rule["measure"], string> = {
    share: `the share of ${what} is ${side} ${valueText(rule.threshold, true)}`,
    mean: `the mean of ${what} is ${side} ${rule.threshold}`,
    count_true: `results with ${what} are ${side} ${rule.threshold}`,
    count_false: `results without ${what} are ${side} ${rule.threshold}`,
    errors: `judgements that failed are ${side} ${rule.threshold}`,
  };
  return `Tell when ${figure[rule.measure]} over ${minutesText(rule.window_minutes)}, at most every ${minutesText(rule.every_minutes)}.`;
}

export function minutesText(minutes: number): string {
  if (minutes % 1440 === 0) return minutes === 1440 ? "a day" : `${minutes / 1440} days`;
  if (minutes % 60 === 0) return minutes === 60 ? "an hour" : `${minutes / 60} hours`;
  return `${minutes} minutes`;
}

/** The figure to show first: the first truth value, else the first there is. */
export function mainFigure<Figure extends { is_share: boolean }>(figures: Figure[]): Figure | undefined {
  return figures.find((one) => one.is_share) ?? figures[0];
}
