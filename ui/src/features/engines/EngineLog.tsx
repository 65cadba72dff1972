import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { api, must } from "~/api/client";
import { Checkbox, Select, TextField } from "~/components/Field";
import { ErrorState, Skeleton } from "~/components/States";
import { find, follow, NOTHING } from "./log";

const FOLLOW_MS = 1_000;

/** What an engine writes, as it writes it: searchable, and the last line in sight while it is followed. */
export function EngineLog({ model }: { model: string }) {
  const [log, setLog] = useState(NOTHING);
  const [chosen, setChosen] = useState("");
  const [following, setFollowing] = useState(true);
  const [search, setSearch] = useState("");
  const end = useRef<HTMLDivElement>(null);
  const after = chosen === "" || chosen === log.replica ? log.next : 0;
  const answer = useQuery({
    queryKey: ["engine-log", model, chosen],
    queryFn: ({ signal }) =>
      must(
        api.GET("/api/engines/{model}/log", {
          params: { path: { model }, query: { replica: chosen, after } },
          signal,
        }),
      ),
    refetchInterval: following ? FOLLOW_MS : false,
    staleTime: 0,
    gcTime: 0,
  });
  const told = answer.data;
  useEffect(() => {
    if (told) setLog((before) => follow(before, told));
  }, [told]);
  const lines = find(log.lines, search);
  const last = lines.at(-1)?.number;
  useEffect(() => {
    const box = end.current;
    if (following && box && last !== undefined) box.scrollTop = box.scrollHeight;
  }, [following, last]);
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-end gap-3">
        <div className="w-56 max-w-full">
          <TextField
            label="Search"
            type="search"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
        </div>
        {told && told.replicas.length > 1 && (
          <Select
            label="Replica"
            value={chosen || told.replica}
            options={told.replicas.map((value) => ({ value, label: value }))}
            onChange={setChosen}
          />
        )}
        <Checkbox asSwitch label="Follow" checked={following} onChange={setFollowing} />
      </div>
      {answer.error && <ErrorState error={answer.error} onRetry={() => void answer.refetch()} />}
      {log.lost > 0 && (
        <p className="text-xs text-muted">{log.lost} earlier lines are not kept; the newest 1,000 are.</p>
      )}
      <div
        ref={end}
        tabIndex={0}
        role="log"
        aria-label={`Log of ${model}`}
        aria-live="off"
        className="h-[60vh] overflow-auto rounded-md border border-line bg-panel p-2 font-mono text-xs leading-relaxed"
      >
        {answer.isPending && <Skeleton className="h-4 w-2/3" />}
        {told && lines.length === 0 && (
          <p className="text-muted">
            {search ? "No line has this text." : "It has written nothing since this server started."}
          </p>
        )}
        {lines.map((line) => (
          <div key={line.number} className="flex gap-3">
            <span aria-hidden className="w-10 shrink-0 text-right text-muted select-none">
              {line.number}
            </span>
            <span className="break-all whitespace-pre-wrap">{line.text}</span>
          </div>
        ))}
      </div>
    </div>
  );
}
