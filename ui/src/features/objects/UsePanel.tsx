import type { ObjectVersion } from "~/api/weave/objects";
import { CodeBlock, CopyButton } from "~/components/Copy";
import { kindOf } from "./kinds";
import { aliasesOf } from "./list";
import { Side } from "./Side";
import { snippetOf } from "./snippet";
import { promptMessages, variablesOf } from "./values";

interface UsePanelProps {
  of: string;
  version: ObjectVersion;
  versionRef: string;
}

/** How a program reads this version, and its reference. */
export function UsePanel({ of, version, versionRef }: UsePanelProps) {
  const alias = aliasesOf(version)[0];
  const kind = kindOf(version);
  const texts = kind === "prompts" ? (promptMessages(version.val) ?? []).map((one) => one.content) : [];
  const name = alias ?? `v${version.version_index}`;
  return (
    <Side title="Use">
      <CodeBlock label="Python" code={snippetOf(of, kind, version.object_id, name, variablesOf(texts))} />
      <div>
        <CopyButton text={versionRef} label="Copy reference" withLabel />
      </div>
    </Side>
  );
}
