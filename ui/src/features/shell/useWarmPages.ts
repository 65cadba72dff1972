import { useRouter } from "@tanstack/react-router";
import { useEffect } from "react";

const PAGES = [
  "/_console/inference/",
  "/_console/$team/$project/playground",
  "/_console/billing/$team",
  "/_console/billing/$team/",
  "/_console/settings",
  "/_console/settings/profile",
] as const;
const LATEST_MS = 2_000;

/** Load the code of the sidebar's pages once the first one is done, so that a click opens them at once. */
export function useWarmPages(): void {
  const router = useRouter();
  useEffect(() => {
    return whenIdle(() => {
      for (const page of PAGES) {
        const route = router.routesById[page];
        // A page that does not come now comes, or is refused aloud, when it is gone to.
        router.loadRouteChunk(route as never)?.catch(() => undefined);
      }
    });
  }, [router]);
}

/** Do `work` when the browser has nothing else to do; returns how to call it off. Safari does not tell, so it waits. */
function whenIdle(work: () => void): () => void {
  if (!("requestIdleCallback" in window)) {
    const timer = setTimeout(work, LATEST_MS);
    return () => clearTimeout(timer);
  }
  const handle = requestIdleCallback(work, { timeout: LATEST_MS });
  return () => cancelIdleCallback(handle);
}
