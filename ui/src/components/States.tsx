import { CircleAlert, Inbox } from "lucide-react";
import type { ReactNode } from "react";
import { asApiError } from "~/api/errors";
import { Button } from "./Button";

interface EmptyStateProps {
  title: string;
  /** What to do next. */
  children?: ReactNode;
  action?: ReactNode;
}

/** There is nothing yet, and what to do about it. */
export function EmptyState({ title, children, action }: EmptyStateProps) {
  return (
    <div className="flex flex-col items-center gap-2 rounded-lg border border-dashed border-line px-6 py-10 text-center">
      <Inbox aria-hidden className="size-6 text-muted" />
      <div className="font-medium">{title}</div>
      {children && <div className="max-w-prose text-muted">{children}</div>}
      {action && <div className="mt-2">{action}</div>}
    </div>
  );
}

interface ErrorStateProps {
  error: unknown;
  onRetry?: () => void;
}

/** What went wrong, what to do about it, and the id to tell whoever runs the server. */
export function ErrorState({ error, onRetry }: ErrorStateProps) {
  const told = asApiError(error);
  return (
    <div role="alert" className="flex items-start gap-3 rounded-lg border border-line bg-bad-soft p-4">
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />
      <div className="flex min-w-0 flex-col gap-1">
        <div className="font-medium break-words">{told.message}</div>
        {told.remedy && <div className="break-words">{told.remedy}</div>}
        {told.requestId && <div className="font-mono text-xs break-all text-muted">{told.requestId}</div>}
        {onRetry && (
          <div className="mt-1">
            <Button small onClick={onRetry}>
              Try again
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}

/** The place of something that is on its way; give it the size of what comes, so that nothing jumps. */
export function Skeleton({ className = "h-4 w-full" }: { className?: string }) {
  return <div aria-hidden className={`animate-pulse rounded bg-hover ${className}`} />;
}

/** Rows of a table or list that are on their way. */
export function SkeletonRows({ rows = 5, label = "Loading" }: { rows?: number; label?: string }) {
  const keys = Array.from({ length: rows }, (_, index) => `row-${index}`);
  return (
    <div role="status" aria-label={label} className="flex flex-col gap-2">
      {keys.map((key) => (
        <Skeleton key={key} className="h-8 w-full" />
      ))}
    </div>
  );
}

interface QueryLike<Data> {
  data: Data | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
}

interface LoadedProps<Data> {
  query: QueryLike<Data>;
  /** While it loads; rows if not given. */
  loading?: ReactNode;
  children: (data: Data) => ReactNode;
}

/** A query's loading and error states, and its data otherwise. Data that is there stays while it is asked anew. */
export function Loaded<Data>({ query, loading, children }: LoadedProps<Data>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isPending) return <>{loading ?? <SkeletonRows />}</>;
  return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
}
