import { X } from "lucide-react";
import { IconButton } from "~/components/Button";

interface MessageImagesProps {
  images: readonly string[];
  /** With a button on each that takes it away. */
  onRemove?: (index: number) => void;
}

/** The pictures of a message, small. They are `data:` URLs: nothing is loaded. */
export function MessageImages({ images, onRemove }: MessageImagesProps) {
  if (images.length === 0) return null;
  return (
    <ul className="flex flex-wrap gap-2 pt-1">
      {images.map((url, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same picture may be there twice
        <li key={index} className="relative">
          <img
            src={url}
            alt={`Attached ${index + 1}`}
            className="size-20 rounded-md border border-line bg-bg object-contain"
          />
          {onRemove && (
            <IconButton
              label={`Remove image ${index + 1}`}
              onClick={() => onRemove(index)}
              className="absolute -top-2 -right-2 size-6 border border-line bg-raised"
            >
              <X aria-hidden className="size-3" />
            </IconButton>
          )}
        </li>
      ))}
    </ul>
  );
}
