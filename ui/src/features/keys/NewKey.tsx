import { CodeBlock, CopyButton } from "~/components/Copy";
import { environ, loginCommand } from "./clients";

/** A key that was just made: the only time that it is shown, and what to run next. */
export function NewKey({ apiKey }: { apiKey: string }) {
  const origin = window.location.origin;
  return (
    <div className="flex flex-col gap-4">
      <p>This is the only time that the key is shown. Keep it where secrets are kept.</p>
      <div className="flex flex-wrap items-center gap-2 rounded-md border border-line bg-panel p-3">
        <code data-testid="api-key" className="min-w-0 flex-1 font-mono text-sm break-all select-all">
          {apiKey}
        </code>
        <CopyButton text={apiKey} label="Copy key" withLabel />
      </div>
      <div className="flex flex-col gap-2">
        <h2 className="text-sm font-medium">Then, for every wandb and weave program on a machine</h2>
        <CodeBlock label="wandb login" code={loginCommand(origin)} />
        <h2 className="text-sm font-medium">Or for one program</h2>
        <CodeBlock label="environment" code={environ(origin, apiKey)} />
      </div>
    </div>
  );
}
