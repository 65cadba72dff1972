import { useQuery } from "@tanstack/react-query";
import type { CatalogModel } from "~/api/catalog";
import { Tile } from "~/components/Page";
import { duration, short } from "~/lib/format";
import { context, exactContext, isEmbedding, launched, parameters, priceRange } from "./describe";
import { speedQuery } from "./queries";

/** What a model costs, how large it is, and how fast it answers here. */
export function ModelTiles({ model }: { model: CatalogModel }) {
  const { data } = useQuery(speedQuery);
  const speed = data?.models.find((one) => one.model === model.id);
  const rests = speed ? `of the last ${speed.requests}+ requests` : "";
  const few = data ? "too few requests yet" : " ";
  const output = speed?.output_tokens_per_s;
  const first = speed?.ttft_ms;
  return (
    <div className="grid grid-cols-2 gap-3 md:grid-cols-3 lg:grid-cols-6">
      <Tile label={isEmbedding(model) ? "Input price" : "Price, input - output"} note="per million tokens">
        {priceRange(model)}
      </Tile>
      <Tile label="Parameters, active - total" note={model.quantization ?? " "}>
        {parameters(model)}
      </Tile>
      <Tile label="Context window" note={exactContext(model)}>
        {context(model)}
      </Tile>
      <Tile label="Release date" note={model.launchedQuarter ?? " "}>
        {launched(model)}
      </Tile>
      <Tile
        label="Output speed, measured"
        note={output ? `median ${rests}; 95 % above ${short(output.p5)}` : few}
      >
        {output ? `${short(output.p50)} tokens/s` : "–"}
      </Tile>
      <Tile
        label="Time to first token, measured"
        note={first ? `median ${rests}; p95 ${duration(first.p95 / 1000)}` : few}
      >
        {first ? duration(first.p50 / 1000) : "–"}
      </Tile>
    </div>
  );
}
