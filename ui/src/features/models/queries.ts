import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { catalogQuery } from "~/api/catalog";
import { api, must } from "~/api/client";
import { asApiError } from "~/api/errors";
import { toast } from "~/components/Toasts";
import { isOver } from "./downloads";
import { isMoving, type Stage, type StageOf } from "./status";

const MOVING_MS = 2_500;
const STILL_MS = 30_000;

/** How awake each model is: asked every few seconds while something changes, else now and then. */
export const stagesQuery = queryOptions({
  queryKey: ["model-stages"],
  queryFn: ({ signal }) => must(api.GET("/api/models/stages", { signal })),
  staleTime: 2_000,
  refetchInterval: (query) => (isMoving(query.state.data?.models) ? MOVING_MS : STILL_MS),
});

/** Measured by the server at most once a minute. */
export const speedQuery = queryOptions({
  queryKey: ["model-speed"],
  queryFn: ({ signal }) => must(api.GET("/api/models/speed", { signal })),
  staleTime: 60_000,
});

/** For administrators: downloads go on while nobody looks, so a page that is loaded again finds them. */
export const downloadsQuery = queryOptions({
  queryKey: ["model-downloads"],
  queryFn: ({ signal }) => must(api.GET("/api/models/downloads", { signal })),
  staleTime: 1_000,
  refetchInterval: (query) => (query.state.data?.downloads.some((one) => !isOver(one)) ? 1_000 : false),
});

/** The stage of each model by its id; the catalog is asked anew when one gets ready, because probes follow. */
export function useStages(): StageOf {
  const client = useQueryClient();
  const { data } = useQuery(stagesQuery);
  const ready = data?.models.filter((one) => one.stage === "ready").length;
  const before = useRef(ready);
  useEffect(() => {
    const changed = before.current !== undefined && before.current !== ready;
    before.current = ready;
    if (changed) void client.invalidateQueries({ queryKey: catalogQuery.queryKey });
  }, [ready, client]);
  const found = new Map<string, Stage>(data?.models.map((one) => [one.model, one]));
  return (id) => found.get(id);
}

export type EngineVerb = "load" | "unload" | "pin" | "unpin" | "probe";

/** Steer the engine of a model, as an administrator of the server. */
export function useEngine(model: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (verb: EngineVerb) => steer(model, verb),
    onError: (error) => {
      const told = asApiError(error);
      toast(`${told.message}. ${told.remedy}`, "bad");
    },
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: stagesQuery.queryKey }),
        client.invalidateQueries({ queryKey: catalogQuery.queryKey }),
      ]),
  });
}

function steer(model: string, verb: EngineVerb): Promise<unknown> {
  const given = { params: { path: { model } } };
  switch (verb) {
    case "load":
      return must(api.POST("/api/engines/{model}/load", given));
    case "unload":
      return must(api.POST("/api/engines/{model}/unload", given));
    case "pin":
      return must(api.POST("/api/engines/{model}/pin", given));
    case "unpin":
      return must(api.POST("/api/engines/{model}/unpin", given));
    case "probe":
      return must(api.POST("/api/engines/{model}/probe", given));
  }
}
