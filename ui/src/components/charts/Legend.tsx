import { clsx } from "clsx";
import { type Series, seriesClass } from "./stack";

interface LegendProps {
  series: Series[];
  /** The key of what is beyond the largest, if that is one of them. */
  rest?: string;
  /** Chosen by name; without it the names are plain text. */
  onChoose?: (key: string) => void;
  /** What choosing does, for screen readers: "Only". */
  verb?: string;
}

/** Which colour is what. */
export function Legend({ series, rest, onChoose, verb = "Only" }: LegendProps) {
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-xs" aria-label="Legend">
      {series.map((one, index) => {
        const swatch = (
          <span
            aria-hidden
            className={clsx("size-2.5 shrink-0 rounded-xs", seriesClass(index, one.key === rest))}
          />
        );
        return (
          <li key={one.key} className="min-w-0">
            {onChoose && one.key !== rest ? (
              <button
                type="button"
                onClick={() => onChoose(one.key)}
                title={`${verb} ${one.label}`}
                className="flex max-w-full items-center gap-1.5 hover:underline"
              >
                {swatch}
                <span className="truncate">{one.label}</span>
              </button>
            ) : (
              <span className="flex items-center gap-1.5">
                {swatch}
                <span className="truncate">{one.label}</span>
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}
