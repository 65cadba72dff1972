import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, must, type Schema } from "~/api/client";
import { Button } from "~/components/Button";
import { CodeBlock } from "~/components/Copy";
import { Dialog } from "~/components/Dialog";
import { TextField } from "~/components/Field";
import { ErrorState } from "~/components/States";
import { parseUsd } from "~/lib/money";

interface BuyCreditProps {
  team: string;
  card: Schema<"BillingCard">;
  open: boolean;
  onClose: () => void;
}

/** Leads to the payment provider; where there is none, says how credit gets here. */
export function BuyCredit({ team, card, open, onClose }: BuyCreditProps) {
  return (
    <Dialog open={open} onClose={onClose} title="Buy credit">
      {card.can_buy ? <Checkout team={team} card={card} /> : <ByHand team={team} />}
    </Dialog>
  );
}

function Checkout({ team, card }: { team: string; card: Schema<"BillingCard"> }) {
  const [amount, setAmount] = useState("25");
  const checkout = useMutation({
    mutationFn: (usd: string) => must(api.POST("/api/billing/checkout", { body: { team, usd } })),
    onSuccess: (page) => window.location.assign(page.url),
  });
  const [least, most] = [card.least_purchase_usd, card.most_purchase_usd];
  const isRight = amountIsRight(amount, least, most);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isRight) checkout.mutate(amount.trim().replace(/^\$/, "").replaceAll(",", ""));
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField
        label="Amount in US dollars"
        inputMode="decimal"
        value={amount}
        onChange={(event) => setAmount(event.target.value)}
        hint={`Whole cents, from ${least} to ${Number(most).toLocaleString("en-US")} dollars. You pay on the provider's page.`}
        error={isRight || amount === "" ? null : "This amount cannot be bought"}
      />
      {checkout.error && <ErrorState error={checkout.error} />}
      <div className="flex justify-end">
        <Button type="submit" kind="primary" disabled={!isRight} busy={checkout.isPending}>
          Go to payment
        </Button>
      </div>
    </form>
  );
}

const CENT = 10_000_000n;

/** Whether it is whole cents within bounds. */
export function amountIsRight(text: string, least: string, most: string): boolean {
  const [amount, from, to] = [parseUsd(text), parseUsd(least), parseUsd(most)];
  return (
    amount !== null && from !== null && to !== null && amount % CENT === 0n && from <= amount && amount <= to
  );
}

function ByHand({ team }: { team: string }) {
  return (
    <div className="flex flex-col gap-3">
      <p>
        This server takes no payments by itself. Pay whoever runs it as you agreed; they record the payment,
        and the credit is there at once:
      </p>
      <CodeBlock label="command" code={`weft purchase record ${team} 500 --reference INVOICE-OR-ORDER`} />
      <p className="text-muted">
        With the settings stripe_secret_key and stripe_webhook_secret, this button leads to Stripe Checkout.
      </p>
    </div>
  );
}
