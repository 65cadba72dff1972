import * as Ariakit from "@ariakit/react";
import type { ReactElement, ReactNode } from "react";

interface TooltipProps {
  tip: ReactNode;
  /** One element that takes a ref and can be focused. */
  children: ReactElement;
}

/** More about a thing, on hover and on focus. Never the only place where something is said. */
export function Tooltip({ tip, children }: TooltipProps) {
  return (
    <Ariakit.TooltipProvider timeout={350}>
      <Ariakit.TooltipAnchor render={children} />
      <Ariakit.Tooltip
        gutter={6}
        portal
        unmountOnHide
        className="z-50 max-w-80 rounded-md border border-line bg-raised px-2 py-1 text-xs text-fg shadow-lg"
      >
        {tip}
      </Ariakit.Tooltip>
    </Ariakit.TooltipProvider>
  );
}
