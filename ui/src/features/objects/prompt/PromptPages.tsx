import { useQuery } from "@tanstack/react-query";
import { Page } from "~/components/Page";
import { EmptyState, Loaded, Skeleton } from "~/components/States";
import type { Place } from "~/lib/place";
import { versionQuery } from "../queries";
import { draftOf, FRESH } from "./draft";
import { PromptEditor } from "./PromptEditor";

export function NewPrompt({ place }: { place: Place }) {
  return (
    <Page title="New prompt" lead="Publishing makes its first version; programs read it by name.">
      <PromptEditor place={place} initial={FRESH} before={null} />
    </Page>
  );
}

interface EditPromptProps {
  place: Place;
  name: string;
  /** The version that editing begins from. */
  from: string;
}

export function EditPrompt({ place, name, from }: EditPromptProps) {
  const version = useQuery({
    ...versionQuery(`${place.team}/${place.project}`, name, from),
    refetchOnWindowFocus: false,
  });
  return (
    <Page title={`Edit ${name}`} lead="Publishing makes a new version; the ones before stay.">
      <Loaded query={version} loading={<Skeleton className="h-96" />}>
        {(found) => {
          const draft = draftOf(name, found.val);
          return draft ? (
            <PromptEditor key={found.digest} place={place} initial={draft} before={found} />
          ) : (
            <EmptyState title={`A ${found.leaf_object_class} cannot be edited here`}>
              StringPrompt and MessagesPrompt can. Publish a new version of this one from its program.
            </EmptyState>
          );
        }}
      </Loaded>
    </Page>
  );
}
