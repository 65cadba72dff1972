import { lazy, Suspense } from "react";
import { Skeleton } from "./States";

const CodeMirror = lazy(() => import("./CodeMirror"));

interface JsonEditorProps {
  /** The text that it begins with; from then on the editor has its own. */
  initial: string;
  onChange: (text: string) => void;
  /** What is edited, for screen readers. */
  label: string;
  /** What is wrong with it, shown below. */
  problem?: string | null;
}

/** An editor for JSON, with colours and undo. */
export function JsonEditor({ initial, onChange, label, problem }: JsonEditorProps) {
  return (
    <div className="flex flex-col gap-1">
      <Suspense fallback={<Skeleton className="h-72 w-full" />}>
        <CodeMirror initial={initial} onChange={onChange} label={label} invalid={Boolean(problem)} />
      </Suspense>
      <div role="alert" className="min-h-5 text-xs break-words text-bad">
        {problem}
      </div>
    </div>
  );
}
