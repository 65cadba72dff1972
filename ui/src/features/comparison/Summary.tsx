import { Badge } from "~/components/Badge";
import { EmptyState } from "~/components/States";
import { type ColumnsProps, ComparisonTable, Heading, RowName } from "./Columns";
import { difference, figure, metricLines, propertyLines } from "./compare";

interface SummaryProps extends ColumnsProps {
  as: "number" | "percent" | "times";
  /** Only what differs. */
  only: boolean;
}

/** Metrics with how far each is from the baseline, and properties. */
export function Summary({ as, only, ...columns }: SummaryProps) {
  const { subjects, base } = columns;
  const metrics = metricLines(subjects).filter((line) => !only || line.differs);
  const properties = propertyLines(subjects).filter((line) => !only || line.differs);
  if (metrics.length + properties.length === 0) return <EmptyState title="No differences" />;
  return (
    <ComparisonTable label="Summary" {...columns}>
      {metrics.length > 0 && <Heading columns={subjects.length}>Metrics</Heading>}
      {metrics.map((line) => (
        <tr key={`metric ${line.name}`} className="border-t border-line">
          <RowName>{line.name}</RowName>
          {line.cells.map((cell, index) => {
            const told = difference(cell, line.cells[base], as);
            return (
              <td key={subjects[index]?.id} className="border-l border-line px-3 py-2 align-top">
                <span className="flex flex-wrap items-center gap-1.5">
                  {cell ? figure(cell) : <span className="text-muted">none</span>}
                  {told && (
                    <Badge tone={told.tone} title="Against the baseline">
                      {told.text}
                    </Badge>
                  )}
                </span>
              </td>
            );
          })}
        </tr>
      ))}
      {properties.length > 0 && <Heading columns={subjects.length}>Properties</Heading>}
      {properties.map((line) => (
        <tr key={`property ${line.name}`} className="border-t border-line">
          <RowName>{line.name}</RowName>
          {line.cells.map((cell, index) => (
            <td
              key={subjects[index]?.id}
              className={`border-l border-line px-3 py-2 align-top break-words ${
                line.differs && index !== base && cell !== line.cells[base] ? "bg-warn-soft" : ""
              }`}
            >
              {cell || <span className="text-muted">none</span>}
            </td>
          ))}
        </tr>
      ))}
    </ComparisonTable>
  );
}
