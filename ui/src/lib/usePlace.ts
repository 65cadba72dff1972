import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import { meQuery } from "~/api/queries";
import { choosePlace, keepPlace, lastPlace, type Place } from "./place";

/** The team and project that the console works in now: the URL's, else the last one; null for nobody's. */
export function usePlace(): Place | null {
  const { data: me } = useQuery(meQuery);
  const { team, project } = useParams({ strict: false }) as { team?: string; project?: string };
  const place = me ? choosePlace(me.teams, me.default_team ?? null, { team, project }, lastPlace()) : null;
  const named = place !== null && team !== undefined;
  const [of, at] = [place?.team, place?.project];
  useEffect(() => {
    if (named && of !== undefined && at !== undefined) keepPlace({ team: of, project: at });
  }, [named, of, at]);
  return place;
}
