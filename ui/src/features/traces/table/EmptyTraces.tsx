import { Button } from "~/components/Button";
import { CodeBlock } from "~/components/Copy";
import { EmptyState } from "~/components/States";
import { firstTrace } from "../export/snippets";

interface EmptyTracesProps {
  project: string;
  /** There may be calls that filters leave out. */
  isNarrowed: boolean;
  onClear: () => void;
}

/** No call: of none at all, or of none that filters let through. */
export function EmptyTraces({ project, isNarrowed, onClear }: EmptyTracesProps) {
  if (isNarrowed)
    return (
      <EmptyState title="No call is like that" action={<Button onClick={onClear}>Remove all filters</Button>}>
        Take a filter away, choose a longer time, or look at all calls instead of whole traces.
      </EmptyState>
    );
  return (
    <div className="flex flex-col gap-4">
      <EmptyState title="No traces yet">
        Every program that uses <code>weave</code> writes them here; so do requests of this project for which
        traces are turned on.
      </EmptyState>
      <section aria-label="Write the first trace" className="flex flex-col gap-2">
        <h2 className="text-base">Write the first trace</h2>
        <CodeBlock label="Python" code={firstTrace(window.location.origin, project)} />
      </section>
    </div>
  );
}
