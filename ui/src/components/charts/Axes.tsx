interface ValueAxisProps {
  ticks: number[];
  /** Where a value stands, in pixels from the top. */
  y: (value: number) => number;
  left: number;
  right: number;
  format: (value: number) => string;
}

/** Figures at the left, and a thin line across the plot for each. Decoration: the bars say their own figures. */
export function ValueAxis({ ticks, y, left, right, format }: ValueAxisProps) {
  return (
    <g aria-hidden>
      {ticks.map((tick) => (
        <g key={tick} transform={`translate(0 ${y(tick)})`}>
          <line x1={left} x2={right} className="stroke-line" strokeWidth={1} />
          <text x={left - 6} dy="0.32em" textAnchor="end" className="fill-muted text-2xs">
            {format(tick)}
          </text>
        </g>
      ))}
    </g>
  );
}

interface LabelAxisProps {
  /** Where each label's middle is, in pixels from the left. */
  labels: { key: string; x: number; text: string }[];
  y: number;
}

/** What the columns are, below them. */
export function LabelAxis({ labels, y }: LabelAxisProps) {
  return (
    <g aria-hidden>
      {labels.map((label) => (
        <text key={label.key} x={label.x} y={y} textAnchor="middle" className="fill-muted text-2xs">
          {label.text}
        </text>
      ))}
    </g>
  );
}
