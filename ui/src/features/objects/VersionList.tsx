import { useQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { useState } from "react";
import type { ObjectVersion } from "~/api/weave/objects";
import { Button } from "~/components/Button";
import { Ago } from "~/components/Figures";
import { Loaded } from "~/components/States";
import { count } from "~/lib/format";
import { aliasesOf } from "./list";
import { versionsQuery } from "./queries";
import { Side } from "./Side";
import { Words } from "./Words";

interface VersionListProps {
  of: string;
  name: string;
  version: ObjectVersion;
  against: string | null;
  onOpen: (digest: string) => void;
  onAgainst: (digest: string | null) => void;
}

const SHOWN = 12;

/** Every version, the newest first: open one, or see in what it differs from this one. */
export function VersionList({ of, name, version, against, onOpen, onAgainst }: VersionListProps) {
  const versions = useQuery(versionsQuery(of, name));
  const [all, setAll] = useState(false);
  return (
    <Side title="Versions">
      <Loaded query={versions}>
        {(found) => (
          <>
            <ul className="flex max-h-96 flex-col overflow-auto rounded-lg border border-line">
              {(all ? found : found.slice(0, SHOWN)).map((one) => {
                const own = one.digest === version.digest;
                const isAgainst = [one.digest, `v${one.version_index}`, ...(one.aliases ?? [])].includes(
                  against ?? "",
                );
                return (
                  <li
                    key={one.digest}
                    className={clsx(
                      "flex items-center gap-2 border-b border-line px-2 py-1.5 last:border-b-0",
                      own && "bg-accent-soft",
                    )}
                  >
                    <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-2">
                      <button
                        type="button"
                        aria-current={own ? "true" : undefined}
                        className="font-medium hover:underline"
                        onClick={() => onOpen(one.digest)}
                      >
                        v{one.version_index}
                      </button>
                      <span className={own ? "text-xs" : "text-xs text-muted"}>
                        <Ago at={one.created_at} />
                        {one.wb_username && ` · ${one.wb_username}`}
                      </span>
                      <Words aliases={aliasesOf(one)} tags={one.tags ?? []} />
                    </div>
                    {!own && (
                      <Button
                        small
                        aria-pressed={isAgainst}
                        onClick={() => onAgainst(isAgainst ? null : one.digest)}
                      >
                        {isAgainst ? "Compared" : "Compare"}
                        <span className="sr-only"> with v{one.version_index}</span>
                      </Button>
                    )}
                  </li>
                );
              })}
            </ul>
            {!all && found.length > SHOWN && (
              <Button small onClick={() => setAll(true)}>
                Show all {count(found.length)}
              </Button>
            )}
          </>
        )}
      </Loaded>
    </Side>
  );
}
