import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Call } from "~/api/weave/calls";
import { pathOfRef, refOf } from "~/api/weave/refs";
import { CodeBlock } from "~/components/Copy";
import { EmptyState, Loaded } from "~/components/States";
import { codeQuery } from "../queries";

/** The code of the call's op, in the version that ran. */
export function CodeTab({ call }: { call: Call }) {
  const ref = refOf(call.op_name);
  const of = ref ? `${ref.team}/${ref.project}` : "";
  const code = useQuery({ ...codeQuery(of, ref?.name ?? "", ref?.digest ?? ""), enabled: ref !== null });
  if (!ref)
    return (
      <EmptyState title="No code is kept of this call">
        <code>{call.op_name}</code> was traced without its code: by OpenTelemetry, by a request at this
        server, or by a client that keeps none.
      </EmptyState>
    );
  const path = pathOfRef(ref);
  return (
    <Loaded query={code}>
      {(found) =>
        found ? (
          <div className="flex min-w-0 flex-col gap-2">
            <p className="text-muted">
              {path ? (
                <Link to={path} className="text-accent hover:underline">
                  {ref.name} v{found.versionIndex}
                </Link>
              ) : (
                ref.name
              )}
              , as it was when it ran.
            </p>
            <CodeBlock label={`Code of ${ref.name}`} code={found.code} />
          </div>
        ) : (
          <EmptyState title="No code is kept of this op">
            The client sent the op without its file, as it does where <code>capture_code</code> is off.
          </EmptyState>
        )
      }
    </Loaded>
  );
}
