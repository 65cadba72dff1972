import { useCallback, useEffect, useRef, useState } from "react";
import type { Place } from "~/lib/place";
import { keep, keyOf, restore } from "./keep";
import type { Draft } from "./types";

const PAUSE_MS = 400;

export type ChangeDraft = (change: Partial<Draft> | ((draft: Draft) => Partial<Draft>)) => void;

/** The project's draft, kept for this tab as it changes. */
export function useDraft(place: Place) {
  const key = keyOf(place.team, place.project);
  const [draft, setDraft] = useState(() => restore(sessionStorage, key));
  const [isKept, setKept] = useState(true);
  const latest = useRef(draft);
  latest.current = draft;
  useEffect(() => {
    const timer = setTimeout(() => setKept(keep(sessionStorage, key, draft)), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [key, draft]);
  useEffect(() => {
    // A reload does not wait for a pause in typing.
    const now = () => void keep(sessionStorage, key, latest.current);
    window.addEventListener("pagehide", now);
    return () => {
      window.removeEventListener("pagehide", now);
      now();
    };
  }, [key]);
  const change: ChangeDraft = useCallback((changed) => {
    setDraft((now) => ({ ...now, ...(typeof changed === "function" ? changed(now) : changed) }));
  }, []);
  return { draft, change, isKept };
}
