import { useQuery } from "@tanstack/react-query";
import { CodeBlock } from "~/components/Copy";
import { Section } from "~/components/Page";
import { ErrorState, Loaded } from "~/components/States";
import { codeQuery, versionQuery } from "./queries";
import { opFile } from "./values";

/** The code of an op, from its file. */
export function CodeOf({ of, file, name }: { of: string; file: string; name: string }) {
  const code = useQuery(codeQuery(of, file));
  return (
    <Section title="Code">
      <Loaded query={code}>{(text) => <CodeBlock label={`Code of ${name}`} code={text} />}</Loaded>
    </Section>
  );
}

/** The same for the op of a name and a digest. */
export function CodeOfOp({ of, name, digest }: { of: string; name: string; digest: string }) {
  const version = useQuery(versionQuery(of, name, digest));
  const file = opFile(version.data?.val);
  const code = useQuery({ ...codeQuery(of, file ?? ""), enabled: file !== null });
  if (version.data && !file) return <p className="text-muted">Its code was not kept.</p>;
  if (version.error) return <ErrorState error={version.error} onRetry={() => void version.refetch()} />;
  return <Loaded query={code}>{(text) => <CodeBlock label={`Code of ${name}`} code={text} />}</Loaded>;
}
