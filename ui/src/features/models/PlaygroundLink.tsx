import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

interface PlaygroundLinkProps {
  models: readonly string[];
  className?: string;
  children: ReactNode;
}

/** To the Playground of the current project, with a chat for each model. */
export function PlaygroundLink({ models, className, children }: PlaygroundLinkProps) {
  return (
    <Link to="/playground" search={{ models: [...models] }} className={className}>
      {children}
    </Link>
  );
}
