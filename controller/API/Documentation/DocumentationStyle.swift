// SPDX-License-Identifier: Apache-2.0

/// The style sheet of the pages: light or dark as the reader's system is, one column where there is no room for two.
enum DocumentationStyle {
    static let css = """
        :root {
          color-scheme: light dark;
          --page: #ffffff; --ink: #1c2128; --faint: #57606a; --line: #d7dce1; --panel: #f5f7f9; --link: #0a58ca;
          --get: #0b6e4f; --post: #0a58ca; --delete: #b3261e; --warn: #8a5a00; --mark: #fff4c2;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --page: #14181d; --ink: #e3e7eb; --faint: #9aa4af; --line: #323a43; --panel: #1c2229; --link: #7fb2ff;
            --get: #5fd3a6; --post: #7fb2ff; --delete: #ff8a80; --warn: #f0c060; --mark: #4a4218;
          }
        }
        * { box-sizing: border-box; }
        html { scroll-padding-top: 4.5rem; }
        body { margin: 0; background: var(--page); color: var(--ink);
          font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
        a { color: var(--link); }
        code, pre, .path { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: .9em; }
        code, .path { overflow-wrap: anywhere; }
        pre { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: .75rem;
          overflow-x: auto; margin: .5rem 0; }
        header { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; align-items: center;
          gap: .5rem 1.25rem; padding: .6rem 1.25rem; background: var(--page); border-bottom: 1px solid var(--line); }
        h1 { font-size: 1.15rem; margin: 0; }
        h1 small { color: var(--faint); font-weight: normal; }
        h2 { font-size: 1.25rem; margin: 2rem 0 .5rem; }
        h3 { font-size: 1rem; margin: 0; font-weight: normal; display: flex; flex-wrap: wrap; gap: .2rem .6rem;
          align-items: baseline; }
        h4 { font-size: .8rem; margin: 1rem 0 .25rem; color: var(--faint); text-transform: uppercase;
          letter-spacing: .04em; }
        form { display: flex; gap: .5rem; align-items: center; margin-left: auto; }
        input, button { font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--line);
          border-radius: 6px; padding: .3rem .6rem; min-width: 0; }
        button { cursor: pointer; }
        :focus-visible { outline: 2px solid var(--link); outline-offset: 1px; }
        .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
        .columns { display: grid; grid-template-columns: minmax(0, 1fr); }
        .columns.split { grid-template-columns: 19rem minmax(0, 1fr); }
        aside { position: sticky; top: 3.4rem; align-self: start; height: calc(100vh - 3.4rem); overflow-y: auto;
          padding: 1rem; border-right: 1px solid var(--line); }
        aside input { width: 100%; }
        aside ul { list-style: none; margin: .75rem 0 0; padding: 0; }
        aside li.tag { margin-top: .9rem; color: var(--faint); font-size: .85rem; }
        aside li a { display: flex; gap: .5rem; padding: .15rem 0; text-decoration: none; color: inherit;
          font-size: .9rem; }
        aside li a:hover { color: var(--link); }
        aside .method { flex: 0 0 3.2rem; }
        main { padding: 1rem 1.25rem 4rem; max-width: 62rem; min-width: 0; }
        main.single { margin: 0 auto; max-width: 46rem; }
        .call { border: 1px solid var(--line); border-radius: 8px; margin: .75rem 0; }
        .call > summary { padding: .6rem .8rem; cursor: pointer; list-style: none; }
        .call > summary::-webkit-details-marker { display: none; }
        .call[open] > summary { border-bottom: 1px solid var(--line); }
        .call > div { padding: .25rem .8rem .8rem; }
        .method { font: 700 .8rem/1.6 ui-monospace, "DejaVu Sans Mono", monospace; }
        .method.get { color: var(--get); } .method.post { color: var(--post); } .method.delete { color: var(--delete); }
        .path { font-weight: 600; }
        .about { color: var(--faint); }
        .scope { font-size: .85rem; border: 1px solid var(--line); border-radius: 999px; padding: 0 .5rem;
          white-space: nowrap; }
        table { border-collapse: collapse; width: 100%; font-size: .92rem; }
        th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); }
        th { color: var(--faint); font-weight: normal; font-size: .85rem; }
        .params td:first-child code { white-space: nowrap; }
        .status { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-weight: 700; }
        .s2 { color: var(--get); } .s4 { color: var(--warn); } .s5 { color: var(--delete); }
        .schema { border-left: 2px solid var(--line); padding-left: .8rem; margin: .3rem 0; font-size: .92rem; }
        .schema details > summary { cursor: pointer; }
        .field { margin: .15rem 0; }
        .kind { color: var(--faint); }
        .needed { color: var(--delete); }
        .problem:target { background: var(--mark); outline: .5rem solid var(--mark); border-radius: 2px; }
        .error { color: var(--delete); }
        @media (max-width: 48rem) {
          header { padding: .5rem .8rem; position: static; }
          form { margin-left: 0; flex: 1 1 100%; } form input { flex: 1; }
          .columns.split { grid-template-columns: minmax(0, 1fr); }
          aside { position: static; height: auto; max-height: 40vh; border-right: 0;
            border-bottom: 1px solid var(--line); }
          main { padding: .75rem .8rem 3rem; }
          html { scroll-padding-top: .5rem; }
          .params tr { display: block; border-bottom: 1px solid var(--line); padding: .3rem 0; }
          .params td { display: block; border: 0; padding: 0; } .params thead { display: none; }
        }
        @media print { header form, aside { display: none; } .columns.split { display: block; } }

        """
}
