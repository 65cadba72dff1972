import * as Ariakit from "@ariakit/react";
import { clsx } from "clsx";
import { ChevronRight } from "lucide-react";
import type { ReactElement, ReactNode } from "react";

const POPOVER =
  "z-50 max-h-[min(24rem,80vh)] min-w-44 overflow-auto rounded-md border border-line bg-raised p-1 shadow-lg outline-none";
const ITEM =
  "flex w-full items-center gap-2 rounded px-2 py-1.5 text-left text-sm outline-none data-active-item:bg-hover aria-disabled:opacity-50";

interface MenuProps {
  /** The button that opens it: an element that takes a ref, such as `<Button>`. */
  button: ReactElement;
  label?: string;
  children: ReactNode;
}

/** A menu below a button. Arrows, Home, End and typed letters move in it. */
export function Menu({ button, label, children }: MenuProps) {
  return (
    <Ariakit.MenuProvider>
      <Ariakit.MenuButton render={button} />
      <Ariakit.Menu gutter={4} portal unmountOnHide aria-label={label} className={POPOVER}>
        {children}
      </Ariakit.Menu>
    </Ariakit.MenuProvider>
  );
}

interface SubmenuProps {
  label: string;
  children: ReactNode;
}

/** Opens to the side on hover, click or the right arrow. */
export function Submenu({ label, children }: SubmenuProps) {
  return (
    <Ariakit.MenuProvider>
      <Ariakit.MenuItem
        className={ITEM}
        render={<Ariakit.MenuButton className={clsx(ITEM, "justify-between")} />}
      >
        {label}
        <ChevronRight aria-hidden className="ml-auto size-4 text-muted" />
      </Ariakit.MenuItem>
      <Ariakit.Menu gutter={6} shift={-5} portal unmountOnHide className={POPOVER}>
        {children}
      </Ariakit.Menu>
    </Ariakit.MenuProvider>
  );
}

interface MenuItemProps {
  onSelect?: () => void;
  disabled?: boolean;
  /** A link or the like in place of a plain item. */
  render?: ReactElement;
  children: ReactNode;
}

export function MenuItem({ onSelect, disabled, render, children }: MenuItemProps) {
  return (
    <Ariakit.MenuItem className={ITEM} disabled={disabled} render={render} onClick={() => onSelect?.()}>
      {children}
    </Ariakit.MenuItem>
  );
}

export function MenuSeparator() {
  return <Ariakit.MenuSeparator className="my-1 border-line" />;
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <div className="px-2 pt-1.5 pb-1 text-2xs font-medium text-muted uppercase">{children}</div>;
}
