import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useDeferredValue, useState } from "react";
import { api, must, type Schema } from "~/api/client";
import { Button } from "~/components/Button";
import { Dialog } from "~/components/Dialog";
import { TextField } from "~/components/Field";
import { ErrorState } from "~/components/States";
import { toast } from "~/components/Toasts";
import { draftOf, mistakes, request } from "./draft";
import { inForce } from "./PriceTable";
import { checkQuery } from "./queries";
import { SafetyPreview } from "./SafetyPreview";

interface AddPriceProps {
  model: Schema<"ModelPrices">;
  earliest: string;
  onClose: () => void;
}

/** Adds a price from a day to come on, after what the safety check says to it. */
export function AddPrice({ model, earliest, onClose }: AddPriceProps) {
  const client = useQueryClient();
  const [draft, setDraft] = useState(() => draftOf(model.model, earliest, inForce(model).now));
  const [override, setOverride] = useState("");
  const [typed, setTyped] = useState("");
  const wanted = request(draft);
  const key = useDeferredValue(JSON.stringify(wanted));
  const check = useQuery(checkQuery(JSON.parse(key) as typeof wanted));
  const wrong = mistakes(draft);
  const doubted = check.data !== undefined && !check.data.passes;
  const add = useMutation({
    mutationFn: (price: Schema<"PriceRequest">) =>
      must(
        api.POST("/api/prices", {
          body: {
            ...price,
            source: draft.source,
            note: draft.note,
            override_reason: doubted ? override : "",
          },
        }),
      ),
    onSuccess: async (price) => {
      await client.invalidateQueries({ queryKey: ["prices"] });
      await client.invalidateQueries({ queryKey: ["catalog"] });
      toast(`${price.version} is in the book`);
      onClose();
    },
  });
  const ready =
    wanted !== null &&
    check.data !== undefined &&
    draft.source.trim() !== "" &&
    (!doubted || (override.trim() !== "" && typed === model.model));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready && wanted) add.mutate(wanted);
  };
  const field = (name: "input" | "output" | "cached" | "source" | "note") => ({
    value: draft[name],
    error: draft[name] === "" ? null : (wrong[name] ?? null),
    onChange: (event: { target: { value: string } }) => setDraft({ ...draft, [name]: event.target.value }),
  });
  return (
    <Dialog open onClose={onClose} title={`Add a price of ${model.label}`} wide>
      <form onSubmit={submit} className="flex flex-col gap-3">
        <div className="grid gap-3 sm:grid-cols-4">
          <TextField label="Input" hint="dollars per million" inputMode="decimal" {...field("input")} />
          <TextField label="Output" hint="dollars per million" inputMode="decimal" {...field("output")} />
          <TextField label="Cached input" hint="empty: as input" inputMode="decimal" {...field("cached")} />
          <TextField
            label="From"
            type="date"
            hint="00:00 UTC, tomorrow at the earliest"
            min={earliest}
            value={draft.day}
            error={wrong.day ?? null}
            onChange={(event) => setDraft({ ...draft, day: event.target.value })}
          />
        </div>
        <p className="text-xs text-muted">
          A day that has begun keeps its prices: requests are charged by them already, and every server has to
          know of a new one before it holds.
        </p>
        <TextField
          label="Source"
          hint="Where the figures were read or decided."
          maxLength={200}
          {...field("source")}
        />
        <TextField label="Note" maxLength={500} {...field("note")} />
        <SafetyPreview check={wanted ? check.data : undefined} error={wanted ? check.error : null} />
        {doubted && (
          <div className="grid gap-3 sm:grid-cols-2">
            <TextField
              label="Why it is meant"
              hint="Kept in the book, with your name."
              maxLength={500}
              value={override}
              onChange={(event) => setOverride(event.target.value)}
            />
            <TextField
              label={`Type ${model.model} to stand by it`}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
          </div>
        )}
        {add.error && <ErrorState error={add.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind={doubted ? "danger" : "primary"} disabled={!ready} busy={add.isPending}>
            {doubted ? "Add it all the same" : "Add the price"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
