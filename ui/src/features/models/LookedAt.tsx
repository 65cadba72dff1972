import type { Schema } from "~/api/client";
import { Select } from "~/components/Field";
import { bytes, count, plural, short } from "~/lib/format";

type Looked = Schema<"LookedInfo">;

interface LookedAtProps {
  looked: Looked;
  isNew: boolean;
  busy: boolean;
  onQuantization: (name: string) => void;
}

const ENGINES: Record<string, string> = {
  llama_cpp: "llama.cpp, on this machine",
  vllm: "vLLM, on a GPU",
  sglang: "SGLang, on a GPU",
  openvino: "OpenVINO, on this machine",
};

/** What a download would bring, before it is begun. */
export function LookedAt({ looked, isNew, busy, onQuantization }: LookedAtProps) {
  const tight = looked.size_bytes > looked.free_bytes;
  const facts: [string, string][] = [
    ["Model ID", looked.model],
    ["License", looked.license || "not said"],
    ["Context window", `${count(looked.context_window)} tokens`],
    ["Parameters", looked.parameters_total ? short(looked.parameters_total) : "not said"],
    ["Takes and gives", looked.modalities.join(", ")],
    ["Tools", looked.tools ? "Yes" : "No"],
    ["Runs with", ENGINES[looked.engine] ?? looked.engine],
    ["Download", `${plural(looked.files, "file")}, ${bytes(looked.size_bytes)}`],
    ["Free on the disk", bytes(looked.free_bytes)],
  ];
  return (
    <section aria-label="What would be downloaded" className="rounded-lg border border-line bg-panel p-3">
      <dl className="grid grid-cols-2 gap-x-4 gap-y-1.5 sm:grid-cols-3">
        {facts.map(([label, value]) => (
          <div key={label} className="min-w-0">
            <dt className="text-2xs text-muted">{label}</dt>
            <dd className="break-words">{value}</dd>
          </div>
        ))}
      </dl>
      {looked.quantizations.length > 1 && (
        <div className="mt-3 max-w-xs">
          <Select
            label="Quantization"
            value={looked.quantization ?? ""}
            disabled={busy}
            options={looked.quantizations.map((one) => ({
              value: one.name,
              label: `${one.name}, ${bytes(one.size_bytes)}`,
            }))}
            onChange={onQuantization}
          />
        </div>
      )}
      {tight && (
        <p role="alert" className="mt-2 text-bad">
          There is not enough room on the disk. Choose a smaller quantization, or make room on the server.
        </p>
      )}
      {isNew && looked.card && (
        <details className="mt-3">
          <summary className="w-fit text-muted">The card that will be written</summary>
          <pre
            tabIndex={0}
            role="region"
            aria-label="Model card"
            className="mt-1 max-h-60 overflow-auto rounded border border-line bg-bg p-2 font-mono text-xs"
          >
            {looked.card}
          </pre>
        </details>
      )}
    </section>
  );
}
