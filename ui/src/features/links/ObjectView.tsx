import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { readObject } from "~/api/weave/objects";
import { Ago } from "~/components/Figures";
import { Page } from "~/components/Page";
import { Loaded } from "~/components/States";
import { Facts, Value } from "./Parts";

interface ObjectViewProps {
  team: string;
  project: string;
  /** What the address calls it: object, op, leaderboard. */
  of: string;
  name: string;
  digest: string;
}

/** One version of an object. */
export function ObjectView({ team, project, of, name, digest }: ObjectViewProps) {
  const place = `${team}/${project}`;
  const object = useQuery({
    queryKey: ["links", place, "object", name, digest],
    queryFn: ({ signal }) => readObject(place, name, digest, signal),
  });
  return (
    <Page
      title={name}
      lead={
        <Link to="/$team/$project/weave" params={{ team, project }} className="hover:underline">
          {place}
        </Link>
      }
    >
      <Loaded query={object}>
        {(found) => (
          <>
            <Facts
              pairs={[
                ["Kind", found.base_object_class ?? of],
                ["Version", `v${found.version_index}`],
                ["Digest", <code key="digest">{found.digest}</code>],
                ["Made", <Ago key="made" at={found.created_at} />],
              ]}
            />
            <Value label="Value" value={found.val} />
          </>
        )}
      </Loaded>
    </Page>
  );
}
