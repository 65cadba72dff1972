import { clsx } from "clsx";
import { LoaderCircle } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";

type Kind = "plain" | "primary" | "danger" | "quiet";

const KINDS: Record<Kind, string> = {
  plain: "border border-line bg-raised hover:bg-hover",
  primary: "border border-transparent bg-accent-solid text-white hover:brightness-110",
  danger: "border border-transparent bg-bad-solid text-white hover:brightness-110",
  quiet: "border border-transparent hover:bg-hover",
};

/** The look of a button, for links that act like one. */
export function buttonClass(kind: Kind = "plain", small = false): string {
  return clsx(
    "inline-flex items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap no-underline select-none",
    "disabled:opacity-50 aria-disabled:opacity-50",
    small ? "h-7 px-2 text-xs" : "h-8 px-3 text-sm",
    KINDS[kind],
  );
}

interface ButtonProps extends ComponentProps<"button"> {
  kind?: Kind;
  small?: boolean;
  /** Work is under way: shows so, and takes no second click. */
  busy?: boolean;
}

export function Button({ kind, small, busy, className, children, disabled, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      className={clsx(buttonClass(kind, small), className)}
    >
      {busy && <LoaderCircle aria-hidden className="size-3.5 animate-spin" />}
      {children}
    </button>
  );
}

interface IconButtonProps extends ComponentProps<"button"> {
  /** What it does, for the tooltip and for screen readers. */
  label: string;
  children: ReactNode;
}

/** A square button with an icon; 28 px, 36 px where fingers point. */
export function IconButton({ label, className, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={clsx(
        "inline-flex size-7 shrink-0 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-fg",
        "disabled:opacity-40 pointer-coarse:size-9",
        className,
      )}
    />
  );
}
