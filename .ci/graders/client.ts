// A client of the whole API, in the types that openapi-typescript makes of the document. It is
// compiled and never run: what it shows is that the types can be lived with.
import createClient, { type FetchResponse, type Middleware } from "openapi-fetch";
import type { components, operations, paths } from "./api";

type Card = components["schemas"]["TutorCard"];
type Event = components["schemas"]["OwnEvent"];
type Problem = components["schemas"]["Problem"];

const api = createClient<paths>({ baseUrl: "http://127.0.0.1:8000", credentials: "include" });

let access: string | undefined;
const signIn: Middleware = {
  onRequest({ request }) {
    if (access) request.headers.set("Authorization", `Bearer ${access}`);
    return request;
  },
};
api.use(signIn);

const account = { email: "olena@example.com", password: "a long walk at dusk" };
const ifMatch = (etag: string) => ({ header: { "If-Match": etag } });
const picture = (file: File) => {
  const form = new FormData();
  form.append("avatar", file);
  return form;
};

// One call of every operation: one that is missing, and one that answers as another would, is an
// error here.
type Calls = {
  [Id in keyof operations]: () => Promise<FetchResponse<operations[Id], unknown, `${string}/${string}`>>;
};
export const calls: Calls = {
  registerAccount: () =>
    api.POST("/api/auth/register/", {
      body: { ...account, first_name: "Олена", last_name: "Шевченко", role: "tutor" },
    }),
  logInWithPassword: () => api.POST("/api/auth/login/", { body: account }),
  logInWithCode: () =>
    api.POST("/api/auth/login/second-factor/", { body: { ticket: "vJ1r0eVQ", code: "492039" } }),
  startTwoFactor: () => api.POST("/api/me/two-factor/"),
  confirmTwoFactor: () => api.POST("/api/me/two-factor/confirm/", { body: { code: "492039" } }),
  turnTwoFactorOff: () =>
    api.DELETE("/api/me/two-factor/", { body: { password: account.password, code: "492039" } }),
  refreshSession: () => api.POST("/api/auth/refresh/"),
  logOut: () => api.POST("/api/auth/logout/"),
  readOwnAccount: () => api.GET("/api/users/me/"),
  readOwnProfile: () => api.GET("/api/me/profile/"),
  updateOwnProfile: () =>
    api.PATCH("/api/me/profile/", {
      params: ifMatch('"5d0c"'),
      body: { tutor_profile: { hourly_rate: 420, languages: ["uk", "en"] } },
    }),
  readOwnPublicProfile: () =>
    api.GET("/api/me/profile/public/", { params: { query: { draft: true } } }),
  readDraft: () => api.GET("/api/me/profile/autosave/"),
  saveDraft: () => api.POST("/api/me/profile/autosave/", { body: { settings: { dark_mode: true } } }),
  saveDraftPatch: () =>
    api.PATCH("/api/me/profile/autosave/", { body: { tutor_profile: { bio: null } } }),
  discardDraft: () => api.DELETE("/api/me/profile/autosave/"),
  publishDraft: () => api.POST("/api/me/profile/autosave/publish/", { params: ifMatch('"5d0c"') }),
  listSnapshots: () =>
    api.GET("/api/me/profile/snapshots/", { params: { query: { page_size: 5 } } }),
  restoreSnapshot: () =>
    api.POST("/api/me/profile/snapshots/{snapshot_id}/restore/", {
      params: { path: { snapshot_id: "019c61bf-9e02-7a3e-b0c4-52a7e4fd0b16" } },
    }),
  uploadAvatar: () =>
    api.POST("/api/me/avatar/", {
      body: { avatar: "" },
      bodySerializer: () => picture(new File([], "me.png")),
    }),
  deleteAvatar: () => api.DELETE("/api/me/avatar/", { params: ifMatch('"5d0c"') }),
  readInsights: () => api.GET("/api/me/insights/", { params: { query: { period: "12m" } } }),
  readSearchReport: () => api.GET("/api/admin/search-report/"),
  exportOwnData: () => api.GET("/api/me/export/"),
  eraseOwnAccount: () => api.DELETE("/api/me/", { body: { password: account.password } }),
  changeOwnPassword: () =>
    api.POST("/api/me/password/", {
      body: { current_password: account.password, new_password: "a longer walk at dawn" },
    }),
  requestPasswordReset: () =>
    api.POST("/api/auth/password-reset/", { body: { email: account.email } }),
  confirmPasswordReset: () =>
    api.POST("/api/auth/password-reset/confirm/", {
      body: { token: "from the link", new_password: "a longer walk at dawn" },
    }),
  verifyEmail: () => api.POST("/api/auth/verify-email/", { body: { token: "from the link" } }),
  undoEmailChange: () =>
    api.POST("/api/auth/undo-email-change/", { body: { token: "from the link" } }),
  sendEmailVerification: () => api.POST("/api/me/email/verification/"),
  changeOwnEmail: () =>
    api.POST("/api/me/email/", {
      body: { password: account.password, email: "olena@example.org" },
    }),
  listOwnSessions: () => api.GET("/api/me/sessions/"),
  endOwnOtherSessions: () => api.DELETE("/api/me/sessions/"),
  endOwnSession: () =>
    api.DELETE("/api/me/sessions/{session_id}/", { params: { path: { session_id: "42" } } }),
  listSavedTutors: () =>
    api.GET("/api/me/saved-tutors/", { params: { query: { page_size: 5 } } }),
  saveTutor: () =>
    api.PUT("/api/me/saved-tutors/{tutor_id}/", { params: { path: { tutor_id: 17 } } }),
  removeSavedTutor: () =>
    api.DELETE("/api/me/saved-tutors/{tutor_id}/", { params: { path: { tutor_id: 17 } } }),
  listSavedSearches: () => api.GET("/api/me/saved-searches/"),
  saveSearch: () =>
    api.POST("/api/me/saved-searches/", { body: { name: "НМТ", query: "subject=math&price_max=500" } }),
  markSearchLookedAt: () =>
    api.POST("/api/me/saved-searches/{search_id}/looked/", {
      params: { path: { search_id: "2f6d2a0e-5f0b-4f0e-9d39-0d3a6f0c1b52" } },
    }),
  deleteSavedSearch: () =>
    api.DELETE("/api/me/saved-searches/{search_id}/", {
      params: { path: { search_id: "2f6d2a0e-5f0b-4f0e-9d39-0d3a6f0c1b52" } },
    }),
  listTutors: () =>
    api.GET("/api/marketplace/tutors/", {
      params: { query: { subject: ["math"], price_max: 500, ordering: "-rating", explain: true } },
    }),
  getTutor: () =>
    api.GET("/api/marketplace/tutors/{tutor_id}/", { params: { path: { tutor_id: 17 } } }),
  listSimilar: () =>
    api.GET("/api/marketplace/tutors/{tutor_id}/similar/", { params: { path: { tutor_id: 17 } } }),
  countFacets: () =>
    api.GET("/api/marketplace/facets/", { params: { query: { search: "алгебра", price_min: 100 } } }),
  listSuggestions: () =>
    api.GET("/api/marketplace/suggestions/", { params: { query: { q: "мат" } } }),
  listSubjects: () => api.GET("/api/marketplace/subjects/"),
  listPublicTutors: () => api.GET("/api/tutors/public-list/"),
  listOwnEvents: () =>
    api.GET("/api/me/activity/", { params: { query: { action: ["profile.snapshot"] } } }),
  triggerEvent: () =>
    api.POST("/api/me/activity/trigger/", {
      params: { header: { "Idempotency-Key": "8e03978e" } },
      body: { action: "lesson.card.opened", metadata: { position: 3 } },
    }),
  collectEvents: () =>
    api.POST("/api/activity/events/", {
      body: { events: [{ action: "page.viewed", timestamp: "2026-02-15T10:22:31Z" }] },
    }),
  checkLiveness: () => api.GET("/healthz"),
  checkReadiness: () => api.GET("/readyz"),
  readMetrics: () => api.GET("/metrics", { parseAs: "text" }),
};

// What a frontend does with the answers.
export async function start(): Promise<string> {
  const { data, error } = await api.POST("/api/auth/login/", { body: account });
  if (error) return explain(error);
  access = data.access;
  return `${data.user.first_name} (${data.user.role})`;
}

export async function* allTutors(): AsyncGenerator<Card> {
  let cursor: string | undefined;
  do {
    const { data } = await api.GET("/api/marketplace/tutors/", { params: { query: { cursor } } });
    if (!data) return;
    yield* data.results;
    cursor = data.next_cursor ?? undefined;
  } while (cursor);
}

export function price(card: Card): string {
  return card.hourly_rate === null ? "to be agreed" : `${card.hourly_rate} an hour`;
}

export function describe(event: Event): string {
  return `${new Date(event.timestamp).toISOString()} ${event.action} by the ${event.source}`;
}

function explain(problem: Problem): string {
  return `${problem.status}: ${problem.detail}`;
}

// What must not compile.
export async function mistakes(card: Card): Promise<void> {
  // @ts-expect-error: the rate is null where a tutor names none
  card.hourly_rate.toFixed();
  // @ts-expect-error: an address that does not exist
  await api.GET("/api/marketplace/teachers/");
  // @ts-expect-error: an ordering that does not exist
  await api.GET("/api/marketplace/tutors/", { params: { query: { ordering: "cheapest" } } });
  // @ts-expect-error: a misspelt filter
  await api.GET("/api/marketplace/tutors/", { params: { query: { price_maximum: 5 } } });
  // @ts-expect-error: a list with no path parameter
  await api.GET("/api/marketplace/tutors/{tutor_id}/");
  // @ts-expect-error: no password
  await api.POST("/api/auth/login/", { body: { email: account.email } });
  // @ts-expect-error: a role that nobody can register with
  await api.POST("/api/auth/register/", { body: { ...account, first_name: "A", last_name: "B", role: "admin" } });
  // @ts-expect-error: a rate is a number
  await api.PATCH("/api/me/profile/", { body: { tutor_profile: { hourly_rate: "420" } } });
  // @ts-expect-error: an event has a name
  await api.POST("/api/me/activity/trigger/", { body: { metadata: {} } });
}
