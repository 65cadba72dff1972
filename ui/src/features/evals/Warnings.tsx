import { TriangleAlert } from "lucide-react";
import type { Comparison } from "./figures";

/** What is not as one would think, before any figure. */
export function Warnings({ told }: { told: Comparison["warnings"] }) {
  if (told.length === 0) return null;
  return (
    <ul aria-label="Warnings" className="flex flex-col gap-2">
      {told.map((one) => (
        <li
          key={one.about}
          className="flex items-start gap-2 rounded-lg border border-line bg-warn-soft px-3 py-2"
        >
          <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
          <span>
            <strong className="font-medium">{one.title}.</strong> {one.text}
          </span>
        </li>
      ))}
    </ul>
  );
}
