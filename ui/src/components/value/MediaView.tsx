import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Download } from "lucide-react";
import { useEffect, useState } from "react";
import { readFile, readFileText } from "~/api/weave/files";
import { Bytes } from "~/components/Figures";
import { kindOfMime, type Media, type MediaKind } from "./kind";

interface MediaViewProps {
  media: Media;
  label: string;
  /** In a cell of a table. */
  isSmall?: boolean;
}

/** An image, a sound, a film or a file: from the value itself, or from the project's files. */
export function MediaView({ media, label, isSmall = false }: MediaViewProps) {
  if ("src" in media.source)
    return (
      <Shown kind={media.kind} src={media.source.src} name={media.name} label={label} isSmall={isSmall} />
    );
  return <FileView media={media} digest={media.source.digest} label={label} isSmall={isSmall} />;
}

function FileView({ media, digest, label, isSmall = false }: MediaViewProps & { digest: string }) {
  const { team, project } = useParams({ strict: false }) as { team?: string; project?: string };
  const of = `${team}/${project}`;
  const told = media.told;
  const file = useQuery({
    queryKey: ["weave", of, "file", digest, told],
    queryFn: async ({ signal }) => {
      const [blob, metadata] = await Promise.all([
        readFile(of, digest, signal),
        told ? readFileText(of, told, signal) : Promise.resolve("{}"),
      ]);
      return { blob, ...toldOf(metadata) };
    },
    enabled: team !== undefined && project !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
  const mime = file.data?.mime || ("mime" in media.source ? media.source.mime : "");
  const src = useBlobUrl(file.data?.blob, mime);
  if (file.error) return <span className="text-muted">{media.name}: its file is not there</span>;
  if (!file.data || !src) return <span className="text-muted">Loading {media.name}…</span>;
  const kind = mime ? kindOfMime(mime) : media.kind;
  const name = file.data.name || media.name;
  return (
    <Shown kind={kind} src={src} name={name} label={label} isSmall={isSmall} size={file.data.blob.size} />
  );
}

function toldOf(text: string): { mime: string; name: string } {
  try {
    const told = JSON.parse(text);
    const mime = typeof told.mimetype === "string" ? told.mimetype : "";
    return { mime, name: typeof told.filename === "string" ? told.filename : "" };
  } catch {
    return { mime: "", name: "" };
  }
}

/** An address for bytes that the page has. Of types that could be a page of ours, the browser makes none. */
function useBlobUrl(blob: Blob | undefined, mime: string): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!blob) return;
    const type = kindOfMime(mime) === "file" ? "application/octet-stream" : mime;
    const made = URL.createObjectURL(new Blob([blob], { type }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [blob, mime]);
  return url;
}

interface ShownProps {
  kind: MediaKind;
  src: string;
  name: string;
  label: string;
  isSmall: boolean;
  size?: number;
}

function Shown({ kind, src, name, label, isSmall, size }: ShownProps) {
  const [large, setLarge] = useState(false);
  if (isSmall) return <img src={src} alt={label} className="h-7 w-auto rounded-xs" />;
  return (
    <figure className="flex min-w-0 flex-col items-start gap-1">
      {kind === "image" && (
        <button
          type="button"
          aria-label={large ? `Show ${label} small` : `Show ${label} large`}
          onClick={() => setLarge(!large)}
          className="min-h-6 min-w-6 max-w-full"
        >
          <img
            src={src}
            alt={label}
            className={`max-w-full rounded border border-line bg-panel object-contain ${large ? "" : "max-h-64"}`}
          />
        </button>
      )}
      {/* biome-ignore lint/a11y/useMediaCaption: what a program recorded has no captions */}
      {kind === "audio" && <audio controls src={src} aria-label={label} className="max-w-full" />}
      {/* biome-ignore lint/a11y/useMediaCaption: what a program recorded has no captions */}
      {kind === "video" && <video controls src={src} aria-label={label} className="max-h-80 max-w-full" />}
      <figcaption className="flex flex-wrap items-center gap-x-2 text-xs text-muted">
        <a href={src} download={name} className="inline-flex items-center gap-1 text-accent hover:underline">
          <Download aria-hidden className="size-3" />
          {name}
        </a>
        {size !== undefined && <Bytes value={size} />}
      </figcaption>
    </figure>
  );
}
