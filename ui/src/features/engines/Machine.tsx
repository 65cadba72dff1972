import type { Schema } from "~/api/client";
import { Meter } from "~/components/Figures";
import { Tile } from "~/components/Page";
import { bytes } from "~/lib/format";

const MIB = 1024 * 1024;

/** MiB as people say them. */
export function mib(value: number): string {
  return bytes(value * MIB);
}

/** What engines may use of the machine, and what is kept for those that run. */
export function Machine({ machine }: { machine: Schema<"MachineInfo"> }) {
  const budget = machine.budget_mib || machine.memory_mib;
  return (
    <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
      <Tile
        label="Memory kept for engines"
        note={`of ${mib(budget)} (engine_memory_mib); the machine has ${mib(machine.memory_mib)}`}
      >
        {mib(machine.held_mib)}
        <Meter percent={budget ? (machine.held_mib / budget) * 100 : 0} label="Memory kept for engines" />
      </Tile>
      <Tile label="Memory they really hold" note="RAM of their processes">
        {machine.used_mib === null ? "unknown" : mib(machine.used_mib)}
      </Tile>
      {machine.gpus.length === 0 ? (
        <Tile label="GPUs" note="the driver names none">
          none
        </Tile>
      ) : (
        machine.gpus.map((gpu) => (
          <Tile key={gpu.index} label={`GPU ${gpu.index}`} note={`${gpu.name}, ${mib(gpu.memory_mib)}`}>
            {mib(gpu.held_mib)} kept
            <Meter percent={(gpu.held_mib / gpu.memory_mib) * 100} label={`Memory of GPU ${gpu.index}`} />
          </Tile>
        ))
      )}
    </div>
  );
}
