import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, must, type Schema } from "~/api/client";

export type Member = Schema<"MemberLine">;
export type Project = Schema<"ProjectLine">;
export type Team = Schema<"TeamLine">;
export type Invitation = Schema<"InvitationInfo">;
export type Role = Schema<"Role">;
export type TraceLevel = Schema<"TraceLevel">;

const WEEK_S = 7 * 86_400;

/** Who is in a team, a page at a time, of those whose names hold `text`. */
export const membersQuery = (team: string, text: string) =>
  infiniteQueryOptions({
    queryKey: ["team", team, "members", text],
    queryFn: ({ signal, pageParam }) =>
      must(
        api.GET("/api/teams/{team}/members", {
          params: { path: { team }, query: { q: text, after: pageParam } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
  });

export const invitationsQuery = (team: string) =>
  queryOptions({
    queryKey: ["team", team, "invitations"],
    queryFn: ({ signal }) =>
      must(api.GET("/api/teams/{team}/invitations", { params: { path: { team } }, signal })),
  });

export const projectsQuery = (team: string) =>
  queryOptions({
    queryKey: ["team", team, "projects"],
    queryFn: ({ signal }) =>
      must(api.GET("/api/teams/{team}/projects", { params: { path: { team } }, signal })),
  });

export const searchQuery = (team: string, project: string) =>
  queryOptions({
    queryKey: ["team", team, "projects", project, "search"],
    queryFn: ({ signal }) =>
      must(api.GET("/api/projects/{team}/{project}/search", { params: { path: { team, project } }, signal })),
  });

/** All teams, for admins of the server, a page at a time. */
export const teamsQuery = (text: string) =>
  infiniteQueryOptions({
    queryKey: ["teams", text],
    queryFn: ({ signal, pageParam }) =>
      must(api.GET("/api/teams", { params: { query: { q: text, after: pageParam } }, signal })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
  });

export const putMember = (team: string, username: string, role: Role) =>
  must(
    api.PUT("/api/teams/{team}/members/{username}", { params: { path: { team, username } }, body: { role } }),
  );

export const removeMember = (team: string, username: string) =>
  must(api.DELETE("/api/teams/{team}/members/{username}", { params: { path: { team, username } } }));

export const invite = (team: string, role: Role, email: string) =>
  must(
    api.POST("/api/teams/{team}/invitations", {
      params: { path: { team } },
      body: { role, email, expires_in_s: WEEK_S },
    }),
  );

export const withdraw = (team: string, id: string) =>
  must(
    api.DELETE("/api/teams/{team}/invitations/{invitation_id}", {
      params: { path: { team, invitation_id: id } },
    }),
  );

export const makeProject = (team: string, name: string) =>
  must(api.POST("/api/teams/{team}/projects", { params: { path: { team } }, body: { name } }));

export const removeProject = (team: string, project: string) =>
  must(api.DELETE("/api/projects/{team}/{project}", { params: { path: { team, project } } }));

export const setTrace = (team: string, project: string, trace: TraceLevel | null) =>
  must(
    api.PUT("/api/projects/{team}/{project}/trace", { params: { path: { team, project } }, body: { trace } }),
  );

export const setSearch = (team: string, project: string, search: boolean) =>
  must(
    api.PUT("/api/projects/{team}/{project}/search", {
      params: { path: { team, project } },
      body: { search },
    }),
  );

export const makeTeam = (name: string) => must(api.POST("/api/teams", { body: { name } }));

export const removeTeam = (team: string) =>
  must(api.DELETE("/api/teams/{team}", { params: { path: { team } } }));
