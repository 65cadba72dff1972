import { useQuery } from "@tanstack/react-query";
import type { ObjectVersion } from "~/api/weave/objects";
import { refOf } from "~/api/weave/refs";
import { Button } from "~/components/Button";
import { DiffControls } from "~/components/diff/DiffControls";
import { TableDiff } from "~/components/diff/TableDiff";
import { TextDiff } from "~/components/diff/TextDiff";
import { ValueDiff } from "~/components/diff/ValueDiff";
import { Section } from "~/components/Page";
import { Loaded } from "~/components/States";
import { codeQuery, versionQuery } from "./queries";
import { opFile, plainFields, promptText } from "./values";
import type { VersionSearch } from "./versionSearch";

interface VersionDiffProps {
  of: string;
  version: ObjectVersion;
  /** A digest, a number or an alias. */
  against: string;
  search: VersionSearch;
  onSearch: (search: VersionSearch) => void;
}

/** In what a version differs from another one of the same object: that one is what was, this one what is. */
export function VersionDiff({ of, version, against, search, onSearch }: VersionDiffProps) {
  const other = useQuery(versionQuery(of, version.object_id, against));
  const isTable = tableOf(version) !== null;
  return (
    <Section
      title={`Changes from ${other.data ? `v${other.data.version_index}` : "…"} to v${version.version_index}`}
      actions={
        <Button small onClick={() => onSearch({ ...search, against: undefined })}>
          Close
        </Button>
      }
    >
      <DiffControls
        layout={search.layout ?? "side"}
        only={search.only ?? false}
        hasLayouts={!isTable}
        onLayout={(layout) => onSearch({ ...search, layout: layout === "unified" ? layout : undefined })}
        onOnly={(only) => onSearch({ ...search, only: only || undefined })}
      />
      <Loaded query={other}>
        {(found) => <Difference of={of} before={found} after={version} search={search} />}
      </Loaded>
    </Section>
  );
}

interface DifferenceProps {
  of: string;
  before: ObjectVersion;
  after: ObjectVersion;
  search: VersionSearch;
}

function Difference({ of, before, after, search }: DifferenceProps) {
  const how = { layout: search.layout ?? "side", only: search.only ?? false } as const;
  const [tableBefore, tableAfter] = [tableOf(before), tableOf(after)];
  const [fileBefore, fileAfter] = [opFile(before.val), opFile(after.val)];
  if (fileBefore && fileAfter) return <CodeDiff of={of} before={fileBefore} after={fileAfter} {...how} />;
  const [textBefore, textAfter] = [promptText(before.val), promptText(after.val)];
  if (textBefore !== null && textAfter !== null)
    return <TextDiff label="Difference of the prompts" before={textBefore} after={textAfter} {...how} />;
  if (!tableBefore || !tableAfter)
    return <ValueDiff label="Difference of the values" before={before.val} after={after.val} {...how} />;
  return (
    <>
      <TableDiff of={of} before={tableBefore} after={tableAfter} only={how.only} />
      {hasOtherChanges(before.val, after.val) && (
        <ValueDiff
          label="Difference of the other fields"
          before={withoutRows(before.val)}
          after={withoutRows(after.val)}
          layout="side"
          only
        />
      )}
    </>
  );
}

interface PairProps {
  of: string;
  before: string;
  after: string;
  only: boolean;
}

function CodeDiff({ of, before, after, ...how }: PairProps & { layout: "side" | "unified" }) {
  const was = useQuery(codeQuery(of, before));
  const is = useQuery(codeQuery(of, after));
  return (
    <Loaded query={was}>
      {(codeBefore) => (
        <Loaded query={is}>
          {(codeAfter) => (
            <TextDiff label="Difference of the code" before={codeBefore} after={codeAfter} {...how} />
          )}
        </Loaded>
      )}
    </Loaded>
  );
}

function tableOf(version: ObjectVersion): string | null {
  const ref = refOf(plainFields(version.val)?.rows);
  return ref?.kind === "table" ? ref.name : null;
}

function hasOtherChanges(before: unknown, after: unknown): boolean {
  return JSON.stringify(withoutRows(before)) !== JSON.stringify(withoutRows(after));
}

function withoutRows(value: unknown): unknown {
  return { ...plainFields(value), rows: undefined };
}
