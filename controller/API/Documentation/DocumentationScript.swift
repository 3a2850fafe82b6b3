// SPDX-License-Identifier: Apache-2.0

/// The script of ``DocumentationPage``: fetches the description with a key and makes the page of it.
///
/// Text goes into the page as text and never as HTML, whatever the description has in it.
enum DocumentationScript {
    static let javaScript = #"""
        'use strict';

        const byId = (id) => document.getElementById(id);

        /** Makes an element; what is no element among its content becomes text. */
        function make(name, attributes, ...content) {
          const element = document.createElement(name);
          for (const [key, value] of Object.entries(attributes ?? {})) element.setAttribute(key, value);
          element.append(...content.flat().filter((part) => part !== null && part !== undefined));
          return element;
        }

        /** What a reference refers to, and by which name. */
        function resolve(schema, document) {
          if (!schema || !schema.$ref) return [schema ?? {}, null];
          const steps = schema.$ref.replace(/^#\//, '').split('/');
          const found = steps.reduce((at, step) => at?.[step.replace(/~1/g, '/').replace(/~0/g, '~')], document);
          return [found ?? {}, steps.at(-1)];
        }

        /** The kind of values that a schema takes, in words. */
        function kindOf(schema, document) {
          const [found, name] = resolve(schema, document);
          if (name) return name;
          if (found.oneOf) return [...new Set(found.oneOf.map((one) => kindOf(one, document)))].join(' or ');
          if (found.const !== undefined) return JSON.stringify(found.const);
          if (found.enum) return found.enum.map((value) => JSON.stringify(value)).join(', ');
          const type = [found.type ?? 'any value'].flat().join(' or ');
          const parts = [found.items ? `${type} of ${kindOf(found.items, document)}` : type];
          if (found.format) parts.push(found.format);
          if (found.minimum !== undefined && found.maximum !== undefined) {
            parts.push(`${found.minimum} to ${found.maximum}`);
          } else if (found.minimum !== undefined) {
            parts.push(`from ${found.minimum}`);
          }
          if (found.maxLength !== undefined) parts.push(`at most ${found.maxLength} characters`);
          if (found.default !== undefined) parts.push(`${JSON.stringify(found.default)} if left out`);
          return parts.join(', ');
        }

        /** The part of a schema that has members of its own; null where it has none. */
        function inner(schema, document) {
          const [found] = resolve(schema, document);
          if (found.properties || found.oneOf?.some((one) => inner(one, document))) return found;
          return found.items ? inner(found.items, document) : null;
        }

        /** The members of a schema; those of their own are made when they are opened. */
        function members(schema, document) {
          const found = inner(schema, document);
          const box = make('div', { class: 'schema' });
          if (!found) return make('div', { class: 'schema' }, make('span', { class: 'kind' }, kindOf(schema, document)));
          if (found.oneOf) {
            for (const one of found.oneOf.filter((one) => inner(one, document))) {
              const mark = Object.entries(one.properties ?? {}).find(([, member]) => member.const !== undefined);
              if (!mark) box.append(members(one, document));
              else box.append(folded([make('code', {}, `${mark[0]}: ${JSON.stringify(mark[1].const)}`)], one, document));
            }
            return box;
          }
          const needed = new Set(found.required ?? []);
          for (const [name, member] of Object.entries(found.properties)) {
            const [own] = resolve(member, document);
            const line = [
              make('code', {}, name), ' ', make('span', { class: 'kind' }, kindOf(member, document)),
              needed.has(name) ? null : make('span', { class: 'kind' }, ', optional'),
              own.description ? ` · ${own.description}` : null,
            ];
            if (inner(member, document)) box.append(folded(line, member, document));
            else box.append(make('div', { class: 'field' }, line));
          }
          return box;
        }

        /** A line with the members of a schema below it, made when it is opened. */
        function folded(line, schema, document) {
          const box = make('details', { class: 'field' }, make('summary', {}, line));
          box.addEventListener('toggle', () => {
            if (box.open && box.childElementCount === 1) box.append(members(schema, document));
          });
          return box;
        }

        function parameterTable(parameters, document) {
          const rows = parameters.map((parameter) => make('tr', {},
            make('td', {}, make('code', {}, parameter.name), parameter.required
              ? make('span', { class: 'needed', title: 'required' }, ' *') : null),
            make('td', { class: 'kind' }, `${parameter.in}: ${kindOf(parameter.schema, document)}`),
            make('td', {}, parameter.description ?? '')));
          return make('table', { class: 'params' }, make('tbody', {}, rows));
        }

        function answers(responses, document) {
          return Object.entries(responses).map(([status, response]) => {
            const [content] = Object.values(response.content ?? {});
            const type = Object.keys(response.content ?? {}).join(', ');
            const line = [make('span', { class: `status s${status[0]}` }, status), ' ', response.description,
              type ? make('span', { class: 'kind' }, ` · ${type}`) : null];
            return content ? folded(line, content.schema, document) : make('div', { class: 'field' }, line);
          });
        }

        /** The command that makes a call. */
        function example(method, path, call) {
          const lines = [`curl -H "Authorization: Bearer $KEY"`];
          if (method !== 'get') lines.push(`-X ${method.toUpperCase()}`);
          if (call.requestBody) lines.push(`--json '{…}'`);
          lines.push(`'${location.origin}${path}'`);
          return lines.join(' \\\n  ');
        }

        function callBox(path, method, call, document) {
          const scopes = (call.security ?? []).flatMap((one) => Object.values(one)).flat();
          const scope = scopes[0] ?? (call.security?.length ? 'any key' : 'no key');
          const content = make('div', {});
          const box = make('details', { class: 'call', id: call.operationId },
            make('summary', {}, make('h3', {}, make('span', { class: `method ${method}` }, method.toUpperCase()),
              make('span', { class: 'path' }, path), make('span', { class: 'about' }, call.summary),
              make('span', { class: 'scope' }, scope))),
            content);
          box.addEventListener('toggle', () => {
            if (!box.open || content.childElementCount) return;
            if (call.parameters) content.append(make('h4', {}, 'Parameters'), parameterTable(call.parameters, document));
            const body = call.requestBody?.content?.['application/json']?.schema;
            if (body) {
              const title = call.requestBody.required ? 'Body' : 'Body, which may be left out';
              content.append(make('h4', {}, title), members(body, document));
            }
            content.append(make('h4', {}, 'Answers'), ...answers(call.responses, document));
            content.append(make('h4', {}, 'Example'), make('pre', {}, example(method, path, call)));
          });
          return box;
        }

        /** All calls, by their tags. */
        function callsByTag(document) {
          const tags = new Map();
          for (const [path, methods] of Object.entries(document.paths)) {
            for (const [method, call] of Object.entries(methods)) {
              const tag = call.tags?.[0] ?? 'other';
              if (!tags.has(tag)) tags.set(tag, []);
              tags.get(tag).push({ path, method, call });
            }
          }
          const order = ['get', 'post', 'put', 'patch', 'delete'];
          for (const calls of tags.values()) {
            calls.sort((a, b) => a.path.localeCompare(b.path) || order.indexOf(a.method) - order.indexOf(b.method));
          }
          return [...tags].sort(([a], [b]) => (b === 'jobs') - (a === 'jobs') || a.localeCompare(b));
        }

        function openTarget() {
          const box = location.hash.length > 1 ? byId(decodeURIComponent(location.hash.slice(1))) : null;
          if (!box) return;
          if ('open' in box) box.open = true;
          box.scrollIntoView();
        }

        function filterCalls() {
          const word = byId('filter').value.trim().toLowerCase();
          for (const section of document.querySelectorAll('section.tag')) {
            let any = false;
            for (const box of section.querySelectorAll('.call')) {
              box.hidden = !box.querySelector('summary').textContent.toLowerCase().includes(word);
              any ||= !box.hidden;
              byId(`to-${box.id}`).hidden = box.hidden;
            }
            section.hidden = !any;
            byId(`tag-${section.id}`).hidden = !any;
          }
        }

        function show(description) {
          byId('version').textContent = `API ${description.info.version}`;
          const main = byId('main');
          const list = byId('calls');
          main.replaceChildren(make('p', { class: 'about' }, description.info.description,
            ' Keys go with each request as ', make('code', {}, 'Authorization: Bearer KEY'), ' or ',
            make('code', {}, 'X-Api-Key: KEY'), '; beside a call is the scope that its key needs.'));
          list.replaceChildren();
          for (const [tag, calls] of callsByTag(description)) {
            list.append(make('li', { class: 'tag', id: `tag-of-${tag}` }, tag));
            const section = make('section', { class: 'tag', id: `of-${tag}` }, make('h2', {}, tag));
            for (const { path, method, call } of calls) {
              section.append(callBox(path, method, call, description));
              list.append(make('li', { id: `to-${call.operationId}` }, make('a', { href: `#${call.operationId}` },
                make('span', { class: `method ${method}` }, method.toUpperCase()), call.operationId)));
            }
            main.append(section);
          }
          byId('side').hidden = false;
          document.querySelector('.columns').classList.add('split');
          openTarget();
        }

        function tell(text, isError) {
          const line = byId('message') ?? make('p', { id: 'message', role: 'status' });
          line.className = isError ? 'error' : '';
          line.textContent = text;
          if (!line.isConnected) byId('main').prepend(line);
        }

        async function load(key) {
          tell('Loading…', false);
          try {
            const answer = await fetch('/openapi.json', {
              headers: { Authorization: `Bearer ${key}`, Accept: 'application/json' },
              credentials: 'omit', cache: 'no-store',
            });
            const json = await answer.json();
            if (answer.ok) show(json);
            else tell(`${json.title ?? answer.status}: ${json.detail ?? ''}`, true);
          } catch (error) {
            tell(`The description cannot be loaded: ${error.message}`, true);
          }
        }

        byId('key-form').addEventListener('submit', (event) => {
          event.preventDefault();
          load(byId('key').value.trim());
        });
        byId('filter').addEventListener('input', filterCalls);
        addEventListener('hashchange', openTarget);

        """#
}
