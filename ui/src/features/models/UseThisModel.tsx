import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { CatalogModel } from "~/api/catalog";
import { CodeBlock } from "~/components/Copy";
import { Section } from "~/components/Page";
import { Segmented } from "~/components/Tabs";
import { usePlace } from "~/lib/usePlace";
import { LANGUAGES, type Language, snippet } from "./snippets";

/** Programs that run as they stand, against this server and on the project at hand. */
export function UseThisModel({ model }: { model: CatalogModel }) {
  const [language, setLanguage] = useState<Language>("python");
  const place = usePlace();
  const where = {
    origin: window.location.origin,
    project: place ? `${place.team}/${place.project}` : "",
  };
  const { label, install, code } = snippet(language, model, where);
  return (
    <Section title="Use this model">
      <div className="max-w-full overflow-x-auto">
        <Segmented label="Language" value={language} options={[...LANGUAGES]} onChange={setLanguage} />
      </div>
      <CodeBlock code={code} label={label} />
      <p className="text-xs text-muted">
        {install && (
          <>
            Needs <code>{install}</code>.{" "}
          </>
        )}
        <code>WEFT_API_KEY</code> holds a key:{" "}
        <Link to="/settings/keys" className="text-accent underline">
          make one
        </Link>
        .
      </p>
    </Section>
  );
}
