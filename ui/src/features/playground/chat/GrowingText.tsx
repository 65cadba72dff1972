import { type ComponentProps, useEffect, useRef } from "react";

interface GrowingTextProps extends Omit<ComponentProps<"textarea">, "onChange" | "value"> {
  value: string;
  onChange: (text: string) => void;
}

/** A text field that is as high as its text, up to a third of the screen. */
export function GrowingText({ value, onChange, className = "", autoFocus, ...rest }: GrowingTextProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    // The attribute would move the focus on a page that loads; here it is a message that somebody just added.
    if (autoFocus) field.current?.focus();
  }, [autoFocus]);
  return (
    <textarea
      ref={field}
      rows={1}
      {...rest}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      className={`field-sizing-content max-h-[33vh] min-h-9 w-full resize-none bg-transparent px-2 py-1.5 text-sm outline-none pointer-coarse:text-base ${className}`}
    />
  );
}
