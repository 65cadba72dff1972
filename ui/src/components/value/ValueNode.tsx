import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { pathOfRef } from "~/api/weave/refs";
import { Button } from "~/components/Button";
import { count } from "~/lib/format";
import { DiffText } from "./DiffText";
import { type Kind, kindOf } from "./kind";
import { MediaView } from "./MediaView";
import { RowsView } from "./RowsView";
import { TextValue } from "./TextValue";
import { lineOf } from "./text";

interface ValueNodeProps {
  kind: Kind;
  value: unknown;
  depth: number;
  label: string;
}

const FIRST_FIELDS = 60;
/** Deeper ones are opened by hand. */
const OPEN_DEPTH = 3;

/** One value among others. */
export function ValueNode({ kind, value, depth, label }: ValueNodeProps) {
  switch (kind.is) {
    case "nothing":
      return <code className="font-mono text-xs text-muted">null</code>;
    case "plain":
      return <code className="font-mono text-xs break-all">{kind.text}</code>;
    case "text":
      return kind.text === "" ? (
        <code className="font-mono text-xs text-muted">""</code>
      ) : (
        <TextValue text={kind.text} />
      );
    case "diff":
      return <DiffText text={kind.text} />;
    case "link":
      return (
        <a
          href={kind.text}
          target="_blank"
          rel="noreferrer noopener"
          className="break-all text-accent hover:underline"
        >
          {kind.text}
        </a>
      );
    case "ref": {
      const path = pathOfRef(kind.ref);
      if (!path) return <code className="font-mono text-xs break-all">{kind.text}</code>;
      return (
        <Link to={path} title={kind.text} className="break-all text-accent hover:underline">
          {kind.ref.name}
          {kind.ref.digest && <span className="text-muted">:{kind.ref.digest.slice(0, 8)}</span>}
          {kind.ref.rest && <span className="text-muted">/{kind.ref.rest}</span>}
        </Link>
      );
    }
    case "media":
      return <MediaView media={kind.media} label={label} />;
    case "rows":
      return <RowsView rows={kind.rows} columns={kind.columns} label={label} />;
    case "list":
      return <Fields fields={kind.items.map((item, at) => [String(at), item])} depth={depth} empty="[]" />;
    case "fields":
      return <Fields fields={kind.fields} depth={depth} empty="{}" />;
    default:
      return <code>{lineOf(value)}</code>;
  }
}

function Fields({ fields, depth, empty }: { fields: [string, unknown][]; depth: number; empty: string }) {
  const [shown, setShown] = useState(FIRST_FIELDS);
  if (fields.length === 0) return <code className="font-mono text-xs text-muted">{empty}</code>;
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      {fields.slice(0, shown).map(([name, value]) => (
        <Field key={name} name={name} value={value} depth={depth} />
      ))}
      {fields.length > shown && (
        <Button small className="self-start" onClick={() => setShown(shown * 4)}>
          {count(fields.length - shown)} more
        </Button>
      )}
    </div>
  );
}

function Field({ name, value, depth }: { name: string; value: unknown; depth: number }) {
  const kind = kindOf(value);
  const isBlock =
    (kind.is === "fields" && kind.fields.length > 0) ||
    (kind.is === "list" && kind.items.length > 0) ||
    kind.is === "rows";
  if (!isBlock)
    return (
      <div className="grid grid-cols-1 gap-x-4 gap-y-0.5 sm:grid-cols-[minmax(5rem,9rem)_minmax(0,1fr)]">
        <div className="truncate text-muted" title={name}>
          {name}
        </div>
        <div className="min-w-0">
          <ValueNode kind={kind} value={value} depth={depth + 1} label={name} />
        </div>
      </div>
    );
  return (
    <Block name={name} isOpen={depth < OPEN_DEPTH} size={sizeOf(kind)}>
      <ValueNode kind={kind} value={value} depth={depth + 1} label={name} />
    </Block>
  );
}

interface BlockProps {
  name: string;
  isOpen: boolean;
  size: string;
  children: React.ReactNode;
}

/** What is closed is not drawn: it may be large. */
function Block({ name, isOpen, size, children }: BlockProps) {
  const [open, setOpen] = useState(isOpen);
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)} className="min-w-0">
      <summary className="min-h-6 w-fit max-w-full truncate leading-6 text-muted hover:text-fg">
        {name} <span className="text-2xs">{size}</span>
      </summary>
      {open && <div className="mt-1 ml-1 border-l border-line pl-3">{children}</div>}
    </details>
  );
}

function sizeOf(kind: Kind): string {
  if (kind.is === "fields") return `{${count(kind.fields.length)}}`;
  if (kind.is === "list") return `[${count(kind.items.length)}]`;
  return kind.is === "rows" ? `[${count(kind.rows.length)}]` : "";
}
