import { seriesClass } from "./stack";

interface RadarProps {
  /** What the chart shows. */
  label: string;
  axes: string[];
  /** By series, a share of 0 to 1 for each axis; null where there is none. */
  series: { key: string; label: string; shares: (number | null)[] }[];
}

const WIDTH = 420;
const HEIGHT = 280;
const MIDDLE = WIDTH / 2;
const CENTRE = HEIGHT / 2;
const RADIUS = 100;
const RINGS = [0.25, 0.5, 0.75, 1];
const LABEL_CHARS = 18;

/** Several figures of each series on axes around a middle. An image whose name says them all; needs three axes. */
export function Radar({ label, axes, series }: RadarProps) {
  const point = (axis: number, share: number) => {
    const angle = (axis / axes.length) * 2 * Math.PI - Math.PI / 2;
    return [MIDDLE + Math.cos(angle) * RADIUS * share, CENTRE + Math.sin(angle) * RADIUS * share] as const;
  };
  const outline = (shares: (number | null)[]) =>
    shares.map((share, axis) => point(axis, share ?? 0).join(",")).join(" ");
  const told = series.map((one) => {
    const parts = axes.map((axis, index) => {
      const share = one.shares[index];
      return `${axis} ${share === null || share === undefined ? "none" : `${Math.round(share * 100)} %`}`;
    });
    return `${one.label}: ${parts.join(", ")}`;
  });
  return (
    <svg
      role="img"
      aria-label={`${label}. ${told.join("; ")}`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      className="mx-auto block w-full max-w-md"
    >
      {RINGS.map((ring) => (
        <polygon
          key={ring}
          points={outline(axes.map(() => ring))}
          className="fill-none stroke-line"
          strokeWidth={1}
        />
      ))}
      {axes.map((axis, index) => {
        const [x, y] = point(index, 1);
        const [tx, ty] = point(index, 1.13);
        const anchor = Math.abs(tx - MIDDLE) < 8 ? "middle" : tx > MIDDLE ? "start" : "end";
        return (
          <g key={axis} aria-hidden>
            <line x1={MIDDLE} y1={CENTRE} x2={x} y2={y} className="stroke-line" strokeWidth={1} />
            <text x={tx} y={ty} dy="0.32em" textAnchor={anchor} className="fill-muted text-2xs">
              {axis.length > LABEL_CHARS ? `…${axis.slice(-LABEL_CHARS + 1)}` : axis}
            </text>
          </g>
        );
      })}
      {series.map((one, index) => (
        <g key={one.key} className={seriesClass(index)}>
          <polygon
            points={outline(one.shares)}
            fillOpacity={0.08}
            strokeWidth={2}
            className={STROKES[index % STROKES.length]}
          />
          {one.shares.map((share, axis) => {
            if (share === null) return null;
            const [x, y] = point(axis, share);
            return <circle key={axes[axis]} cx={x} cy={y} r={3} />;
          })}
        </g>
      ))}
    </svg>
  );
}

const STROKES = [
  "stroke-series-1",
  "stroke-series-2",
  "stroke-series-3",
  "stroke-series-4",
  "stroke-series-5",
  "stroke-series-6",
  "stroke-series-7",
];
