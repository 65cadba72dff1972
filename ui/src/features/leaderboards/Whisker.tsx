import { scaleLinear } from "d3-scale";
import type { Cell } from "./queries";

const WIDTH = 84;
const HEIGHT = 12;

interface WhiskerProps {
  cell: Cell;
  domain: [number, number];
}

/** Where a value lies, and its interval of 95 %. Decoration: the cell says the same in words. */
export function Whisker({ cell, domain }: WhiskerProps) {
  if (cell.value === null) return null;
  const x = scaleLinear()
    .domain(domain)
    .range([4, WIDTH - 4]);
  const middle = HEIGHT / 2;
  return (
    <svg aria-hidden width={WIDTH} height={HEIGHT} className="block">
      <line x1={4} x2={WIDTH - 4} y1={middle} y2={middle} className="stroke-line" />
      {cell.low !== null && cell.high !== null && (
        <g className="stroke-accent" strokeWidth={1.5}>
          <line x1={x(cell.low)} x2={x(cell.high)} y1={middle} y2={middle} />
          <line x1={x(cell.low)} x2={x(cell.low)} y1={middle - 4} y2={middle + 4} />
          <line x1={x(cell.high)} x2={x(cell.high)} y1={middle - 4} y2={middle + 4} />
        </g>
      )}
      <circle cx={x(cell.value)} cy={middle} r={3} className="fill-accent" />
    </svg>
  );
}
