import { FileUp } from "lucide-react";
import { type DragEvent, useId, useRef, useState } from "react";
import { Button } from "~/components/Button";
import { bytes } from "~/lib/format";
import { readFile } from "~/lib/rows/readFile";
import { FORMATS, MAX_FILE_BYTES, MAX_ROWS, placeOf, type ReadSheet, RowsError } from "~/lib/rows/types";

interface RowsFileProps {
  /** What was read, and the file's name without its ending. */
  onRead: (sheet: ReadSheet, name: string) => void;
}

const ACCEPTED = [...FORMATS.map((format) => `.${format}`), ".ndjson", ".txt"].join(",");

/** A place for a file of rows: chosen or dropped, read beside the page; what is wrong with it is said with its place. */
export function RowsFile({ onRead }: RowsFileProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [isReading, setReading] = useState(false);
  const [isOver, setOver] = useState(false);
  const [refused, setRefused] = useState<{ file: string; error: RowsError } | null>(null);
  const read = async (file: File | undefined) => {
    if (!file || isReading) return;
    setReading(true);
    setRefused(null);
    try {
      onRead(await readFile(file), file.name.replace(/\.[^.]+$/, ""));
    } catch (cause) {
      const error = cause instanceof RowsError ? cause : new RowsError(String(cause));
      setRefused({ file: file.name, error });
    } finally {
      setReading(false);
      if (input.current) input.current.value = "";
    }
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void read(event.dataTransfer.files[0]);
  };
  return (
    <div className="flex flex-col gap-2">
      <section
        aria-label="A file of rows"
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={onDrop}
        className={`flex flex-col items-center gap-2 rounded-lg border border-dashed px-4 py-6 text-center ${
          isOver ? "border-accent bg-accent-soft" : "border-line-strong"
        }`}
      >
        <Button busy={isReading} onClick={() => input.current?.click()} aria-describedby={`${id}-hint`}>
          {!isReading && <FileUp aria-hidden className="size-4" />}
          {isReading ? "Reading the file" : "Choose a file"}
        </Button>
        <input
          ref={input}
          type="file"
          accept={ACCEPTED}
          className="sr-only"
          tabIndex={-1}
          aria-label="File of rows"
          onChange={(event) => void read(event.target.files?.[0])}
        />
        <p id={`${id}-hint`} className="text-xs text-muted">
          or drop it here: CSV, TSV, JSON, JSON lines or Parquet, up to {bytes(MAX_FILE_BYTES)} and{" "}
          {MAX_ROWS.toLocaleString("en")} rows. It is read in your browser.
        </p>
      </section>
      <div role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-sm empty:hidden">
        {refused && (
          <>
            <span className="font-medium">
              {[refused.file, placeOf(refused.error)].filter(Boolean).join(", ")}:
            </span>{" "}
            {refused.error.message}. {refused.error.remedy}
          </>
        )}
      </div>
    </div>
  );
}
