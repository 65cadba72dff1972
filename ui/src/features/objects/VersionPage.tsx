import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { MessagesSquare, Pencil } from "lucide-react";
import type { ObjectVersion } from "~/api/weave/objects";
import { objectRef, opRef } from "~/api/weave/refs";
import { Badge } from "~/components/Badge";
import { Button, buttonClass } from "~/components/Button";
import { CopyButton } from "~/components/Copy";
import { Ago } from "~/components/Figures";
import { Page } from "~/components/Page";
import { Loaded, Skeleton } from "~/components/States";
import type { Place } from "~/lib/place";
import { DeleteVersion } from "./DeleteVersion";
import { KINDS, kindOf } from "./kinds";
import { Labels } from "./Labels";
import { versionQuery } from "./queries";
import { UsePanel } from "./UsePanel";
import { Uses } from "./Uses";
import { VersionDiff } from "./VersionDiff";
import { VersionList } from "./VersionList";
import { VersionValue } from "./VersionValue";
import type { VersionSearch } from "./versionSearch";

export interface VersionPageProps {
  place: Place;
  name: string;
  /** Also `latest`, `v3` or an alias. */
  digest: string;
  search: VersionSearch;
  onSearch: (search: VersionSearch) => void;
  /** Opens a prompt's messages in the Playground. */
  onPlayground?: (version: ObjectVersion) => void;
}

/** One version of an object or op: what it is, what it is called, where it is used, in what it differs from another. */
export function VersionPage(props: VersionPageProps) {
  const { place, name, digest } = props;
  const of = `${place.team}/${place.project}`;
  const version = useQuery(versionQuery(of, name, digest));
  return (
    <Page
      title={name}
      lead={version.data && <Lead place={place} version={version.data} />}
      actions={version.data && <Actions {...props} version={version.data} />}
      wide
    >
      <Loaded query={version} loading={<Skeleton className="h-96" />}>
        {(found) => <Version {...props} of={of} version={found} />}
      </Loaded>
    </Page>
  );
}

interface FoundProps extends VersionPageProps {
  version: ObjectVersion;
}

function Lead({ place, version }: { place: Place; version: ObjectVersion }) {
  const kind = KINDS[kindOf(version)];
  return (
    <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
      <Link
        to={`/${place.team}/${place.project}/weave/${kind.kind}` as never}
        className="text-accent hover:underline"
      >
        {kind.label}
      </Link>
      <span aria-hidden>/</span>
      <span>{version.leaf_object_class ?? (version.kind === "op" ? "Op" : "Object")}</span>
      <Badge tone="accent">v{version.version_index}</Badge>
      {version.is_latest === 1 && <Badge>latest</Badge>}
      <span>
        published <Ago at={version.created_at} />
        {version.wb_username && ` by ${version.wb_username}`}
      </span>
      <code className="text-xs break-all">{version.digest.slice(0, 12)}</code>
      <CopyButton text={version.digest} label="Copy digest" />
    </span>
  );
}

function Actions({ place, name, version, onPlayground }: FoundProps) {
  const kind = kindOf(version);
  const isPrompt = kind === "prompts";
  return (
    <>
      <DeleteVersion place={place} version={version} />
      {isPrompt && onPlayground && (
        <Button onClick={() => onPlayground(version)}>
          <MessagesSquare aria-hidden className="size-4" /> Open in Playground
        </Button>
      )}
      {(isPrompt || kind === "datasets") && (
        <Link
          to={`/${place.team}/${place.project}/weave/${kind}/${encodeURIComponent(name)}/edit` as never}
          search={{ from: version.digest } as never}
          className={buttonClass("primary")}
        >
          <Pencil aria-hidden className="size-4" /> {isPrompt ? "Edit" : "Edit rows"}
        </Link>
      )}
    </>
  );
}

function Version({ of, version, ...props }: FoundProps & { of: string }) {
  const { place, name, search, onSearch } = props;
  const isOp = version.kind === "op";
  const navigate = useNavigate();
  const ref = isOp ? opRef(of, name, version.digest) : objectRef(of, name, version.digest);
  const open = (digest: string) =>
    void navigate({
      to: isOp
        ? "/$team/$project/weave/ops/$name/versions/$digest"
        : "/$team/$project/weave/objects/$name/versions/$digest",
      params: { ...place, name, digest },
    });
  return (
    <div className="grid gap-x-6 gap-y-4 lg:grid-cols-[minmax(0,1fr)_19rem]">
      <div className="flex min-w-0 flex-col gap-6">
        {search.against ? (
          <VersionDiff
            of={of}
            version={version}
            against={search.against}
            search={search}
            onSearch={onSearch}
          />
        ) : (
          <VersionValue place={place} version={version} />
        )}
        <Uses place={place} version={version} versionRef={ref} />
      </div>
      <aside aria-label="About this version" className="flex min-w-0 flex-col gap-5">
        <VersionList
          of={of}
          name={name}
          version={version}
          against={search.against ?? null}
          onOpen={open}
          onAgainst={(against) => onSearch({ ...search, against: against ?? undefined })}
        />
        <Labels of={of} version={version} />
        <UsePanel of={of} version={version} versionRef={ref} />
      </aside>
    </div>
  );
}
