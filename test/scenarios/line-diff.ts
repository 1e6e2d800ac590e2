/** What differs between two texts, line by line, so that a person sees it at once. */

/** `-` only expected, `+` only seen, two spaces in both; far from any difference, lines are left out. */
export function diffLines(expected: string, seen: string, context = 3): string {
  const marked = mark(toLines(expected), toLines(seen))
  const isNear = marked.map((_, at) =>
    marked.slice(Math.max(0, at - context), at + context + 1).some((line) => !line.startsWith(' ')),
  )
  const shown: string[] = []
  for (const [at, line] of marked.entries()) {
    if (isNear[at]) shown.push(line)
    else if (shown.at(-1) !== '  …') shown.push('  …')
  }
  return shown.join('\n')
}

function toLines(text: string): readonly string[] {
  return text === '' ? [] : text.split('\n')
}

/** By the longest common subsequence; outputs are short. */
function mark(expected: readonly string[], seen: readonly string[]): readonly string[] {
  const width = seen.length + 1
  const common = new Uint32Array((expected.length + 1) * width)
  for (let left = expected.length - 1; left >= 0; left -= 1) {
    for (let right = seen.length - 1; right >= 0; right -= 1) {
      common[left * width + right] =
        expected[left] === seen[right]
          ? 1 + (common[(left + 1) * width + right + 1] as number)
          : Math.max(common[(left + 1) * width + right] as number, common[left * width + right + 1] as number)
    }
  }
  const marked: string[] = []
  let left = 0
  let right = 0
  while (left < expected.length || right < seen.length) {
    if (left < expected.length && right < seen.length && expected[left] === seen[right]) {
      marked.push(`  ${expected[left]}`)
      left += 1
      right += 1
    } else if (
      right >= seen.length ||
      (left < expected.length &&
        (common[(left + 1) * width + right] as number) >= (common[left * width + right + 1] as number))
    ) {
      marked.push(`- ${expected[left]}`)
      left += 1
    } else {
      marked.push(`+ ${seen[right]}`)
      right += 1
    }
  }
  return marked
}
