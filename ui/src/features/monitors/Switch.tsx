import { useMutation, useQueryClient } from "@tanstack/react-query";
import { asApiError } from "~/api/errors";
import { Checkbox } from "~/components/Field";
import { toast } from "~/components/Toasts";
import type { Place } from "~/lib/place";
import { type Monitor, switchMonitor } from "./queries";

interface SwitchProps {
  place: Place;
  monitor: Monitor;
  disabled: boolean;
  hideLabel?: boolean;
}

/** Switches a monitor on or off, at once. */
export function Switch({ place, monitor, disabled, hideLabel }: SwitchProps) {
  const cache = useQueryClient();
  const change = useMutation({
    mutationFn: (on: boolean) => switchMonitor(place, monitor.name, on),
    onSuccess: (told) => {
      cache.invalidateQueries({ queryKey: ["monitors"] });
      toast(`${told.name} is switched ${told.active ? "on" : "off"}.`);
    },
    onError: (error) => toast(asApiError(error).message, "bad"),
  });
  const on = change.isPending ? change.variables : monitor.active;
  return (
    <Checkbox
      asSwitch
      label={
        <span className={hideLabel ? "sr-only" : undefined}>
          {hideLabel ? `${monitor.name} is on` : "On"}
        </span>
      }
      checked={on}
      disabled={disabled || change.isPending}
      onChange={(wanted) => change.mutate(wanted)}
    />
  );
}
