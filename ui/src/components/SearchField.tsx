import { useEffect, useState } from "react";
import { TextField } from "./Field";

const PAUSE_MS = 250;

interface SearchFieldProps {
  label: string;
  text: string;
  onSearch: (text: string) => void;
  /** As wide as its place. */
  wide?: boolean;
}

/** A search that waits until the typing pauses. */
export function SearchField({ label, text, onSearch, wide }: SearchFieldProps) {
  const [typed, setTyped] = useState(text);
  useEffect(() => setTyped(text), [text]);
  useEffect(() => {
    if (typed === text) return;
    const timer = setTimeout(() => onSearch(typed), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, text, onSearch]);
  return (
    <div className={wide ? "" : "max-w-xs"}>
      <TextField
        label={label}
        hideLabel
        type="search"
        placeholder={label}
        maxLength={128}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
    </div>
  );
}
