import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, must, type Schema } from "~/api/client";
import { asApiError } from "~/api/errors";
import { Button } from "~/components/Button";
import { TextField } from "~/components/Field";
import { ErrorState } from "~/components/States";
import { LookedAt } from "./LookedAt";
import { downloadsQuery } from "./queries";

type Ask = Schema<"DownloadAsk">;
type AskField = keyof Ask;

const EMPTY: Ask = {
  model: "",
  engine: "",
  repository: "",
  id: "",
  revision: "",
  quantization: "",
  token: "",
  input_usd_per_mtok: "",
  output_usd_per_mtok: "",
};

interface AddModelFormProps {
  source: string;
  hasToken: boolean;
  /** A model of the catalog; empty: a new one. */
  model: string;
}

/** First a look at what the repository holds, then the download. */
export function AddModelForm({ source, hasToken, model }: AddModelFormProps) {
  const client = useQueryClient();
  const [ask, setAsk] = useState<Ask>({ ...EMPTY, model });
  const look = useMutation({
    mutationFn: (body: Ask) => must(api.POST("/api/models/look", { body })),
  });
  const start = useMutation({
    mutationFn: () => must(api.POST("/api/models/downloads", { body: ask })),
    onSuccess: () => {
      look.reset();
      setAsk({ ...EMPTY, model });
      return client.invalidateQueries({ queryKey: downloadsQuery.queryKey });
    },
  });
  const field = (name: AskField) => ({
    value: ask[name],
    onChange: (event: { target: { value: string } }) => {
      setAsk({ ...ask, [name]: event.target.value.trim() });
      look.reset();
      start.reset();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (look.data) start.mutate();
    else look.mutate(ask);
  };
  const failed = look.error ?? start.error;
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      {!model && (
        <div className="grid gap-3 sm:grid-cols-2">
          <TextField
            label="Repository"
            placeholder="organisation/repository"
            hint={`Of ${source}`}
            required
            {...field("repository")}
          />
          <TextField
            label="Model ID"
            placeholder="from the repository's name"
            hint="What requests call it"
            {...field("id")}
          />
          <TextField
            label="Input price, $ per million tokens"
            placeholder="free"
            inputMode="decimal"
            {...field("input_usd_per_mtok")}
          />
          <TextField
            label="Output price, $ per million tokens"
            placeholder="free"
            inputMode="decimal"
            {...field("output_usd_per_mtok")}
          />
        </div>
      )}
      <details>
        <summary className="w-fit text-muted">Revision and access token</summary>
        <div className="mt-2 grid gap-3 sm:grid-cols-2">
          <TextField
            label="Revision"
            placeholder="the newest"
            hint="A branch, a tag or a commit"
            {...field("revision")}
          />
          <TextField
            label="Access token of the hub"
            type="password"
            hint={
              hasToken
                ? "Empty: the server's own. A token given here is not kept."
                : "For gated and private repositories. It is not kept."
            }
            {...field("token")}
          />
        </div>
      </details>
      {look.data && (
        <LookedAt
          looked={look.data}
          isNew={!model}
          busy={look.isPending}
          onQuantization={(quantization) => {
            const next = { ...ask, quantization };
            setAsk(next);
            look.mutate(next);
          }}
        />
      )}
      {failed && <ErrorState error={asApiError(failed)} />}
      <div className="flex justify-end gap-2">
        <Button
          type="submit"
          kind="primary"
          busy={look.isPending || start.isPending}
          disabled={!model && ask.repository === ""}
        >
          {look.data ? "Download" : "Look at it"}
        </Button>
      </div>
    </form>
  );
}
