using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Security.Cryptography;
using MicroSpark.Model;

namespace MicroSpark.Code;

/// <summary>
/// The assemblies that a worker may load for plans, by the SHA-256 of their bytes: the setting <c>ApprovedAssemblies</c>. Whoever sends a
/// plan says which assemblies are of it and what they are called, and is not believed: the bytes are hashed here, and an id is computed
/// again from the bytes that it stands for. Else one program could put its code in the place of another's.
/// </summary>
internal sealed class ApprovedCode(IEnumerable<string> hashes)
{
    public const string Setting = "ApprovedAssemblies";
    private const int HashDigits = 64;

    private readonly FrozenSet<string> _hashes = hashes.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<AssemblyId, Admitted> _admitted = new();

    /// <param name="Needs">Simple names of the assemblies that its own bytes refer to; none of one that this process has anyway.</param>
    private sealed record Admitted(string Name, byte[] Content, IReadOnlyList<AssemblyId> References, IReadOnlyList<string> Needs);

    /// <summary>
    /// Reads a list as <c>sha256sum</c> and <c>microspark hash</c> print it: a hash, then a name for people. Lines that begin with
    /// <c>#</c> are for people too.
    /// </summary>
    /// <exception cref="FormatException">A line is something else.</exception>
    public static ApprovedCode Parse(IEnumerable<string> lines)
    {
        var hashes = new List<string>();
        foreach (var (line, number) in lines.Select(static (line, index) => (line.Trim(), index + 1)))
        {
            if (line.Length == 0 || line.StartsWith('#'))
            {
                continue;
            }

            var hash = line.Split([' ', '\t'], 2)[0];
            hashes.Add(hash.Length == HashDigits && hash.All(char.IsAsciiHexDigit) ? hash
                : throw new FormatException($"line {number} does not begin with the {HashDigits} hex digits of a SHA-256"));
        }

        return new ApprovedCode(hashes);
    }

    /// <summary>Takes assemblies in that come together, or none of them.</summary>
    /// <param name="ofProcess">Finds those that this process has anyway.</param>
    /// <exception cref="UnauthorizedAccessException">One is not approved, or is not what its id says.</exception>
    public void Admit(IReadOnlyList<ShippedAssembly> assemblies, Func<AssemblyId, AssemblyImage?> ofProcess)
    {
        var coming = new Dictionary<AssemblyId, Admitted>();
        foreach (var assembly in assemblies)
        {
            var content = SHA256.HashData(assembly.Image);
            Require(assembly.Name, content);
            assembly.EnsureLoadable();
            var needs = AssemblyImage.NeedsOf(assembly.Image, assembly.Name);
            coming[assembly.Id] = new Admitted(assembly.Name, content, assembly.References, needs);
        }

        foreach (var assembly in assemblies)
        {
            var others = Reachable(assembly, coming, ofProcess);
            if (AssemblyImage.IdOf(coming[assembly.Id].Content, others.Select(static one => one.Content)) != assembly.Id)
            {
                throw Refused($"The shipped assembly '{assembly.Name}' is not the one that its id {assembly.Id} stands for");
            }

            // An id stands for all that is reached, and not for who refers to whom: that stands in the bytes.
            EnsureWhole(coming[assembly.Id], others, coming, ofProcess);
            others.ForEach(one => EnsureWhole(one, others, coming, ofProcess));
        }

        foreach (var (id, one) in coming)
        {
            _admitted[id] = one;
        }
    }

    /// <summary>What <see cref="Admit"/> has taken in, and nothing else.</summary>
    /// <exception cref="UnauthorizedAccessException">It has not.</exception>
    public void EnsureAdmitted(ShippedAssembly assembly)
    {
        if (!_admitted.TryGetValue(assembly.Id, out var known) || !known.Content.AsSpan().SequenceEqual(SHA256.HashData(assembly.Image)))
        {
            throw Refused($"The shipped assembly '{assembly.Name}' ({assembly.Id}) has not been looked at");
        }
    }

    /// <summary>Whether an assembly that this process has anyway may serve plans too.</summary>
    public bool Approves(AssemblyImage image) => !SharedCode.Has(image.Name) && _hashes.Contains(Convert.ToHexString(image.Content));

    public void Forget(AssemblyId id) => _admitted.TryRemove(id, out _);

    public static UnauthorizedAccessException Refused(string what) => new(
        $"{what}. This worker runs approved code only: see its setting {Setting}.");

    private void Require(string name, byte[] content)
    {
        var hash = Convert.ToHexStringLower(content);
        if (SharedCode.Has(name))
        {
            // Its methods would count as the program's own: all that the framework can do, with arguments of the plan's choice.
            throw Refused($"The plan brings an assembly '{name}' ({hash}), which is the framework's or MicroSpark's and never shipped");
        }

        if (!_hashes.Contains(hash))
        {
            throw Refused(
                $"The assembly '{name}' with the SHA-256 {hash} is not approved. Whoever runs the workers adds that line to the file of "
                + $"approved assemblies; 'microspark hash {name}.dll' prints it");
        }
    }

    /// <summary>What an assembly's bytes refer to is among its references, where it is reached at all.</summary>
    private void EnsureWhole(
        Admitted one, List<Admitted> reached, Dictionary<AssemblyId, Admitted> coming, Func<AssemblyId, AssemblyImage?> ofProcess)
    {
        var named = one.References.Select(id => Find(id, coming, ofProcess)?.Name).ToHashSet();
        if (one.Needs.FirstOrDefault(need => !named.Contains(need) && reached.Exists(other => other.Name == need)) is { } left)
        {
            throw Refused($"The shipped assembly '{one.Name}' says that it does not refer to '{left}', and its bytes do");
        }
    }

    private List<Admitted> Reachable(
        ShippedAssembly root, Dictionary<AssemblyId, Admitted> coming, Func<AssemblyId, AssemblyImage?> ofProcess)
    {
        var others = new List<Admitted>();
        var seen = new HashSet<AssemblyId> { root.Id };
        var open = new Stack<AssemblyId>(root.References);
        while (open.TryPop(out var id))
        {
            if (!seen.Add(id))
            {
                continue;
            }

            var found = Find(id, coming, ofProcess)
                ?? throw Refused($"The shipped assembly '{root.Name}' refers to {id}, which the plan does not bring");
            others.Add(found);
            foreach (var reference in found.References)
            {
                open.Push(reference);
            }
        }

        return others;
    }

    private Admitted? Find(
        AssemblyId id, Dictionary<AssemblyId, Admitted> coming, Func<AssemblyId, AssemblyImage?> ofProcess) =>
        coming.TryGetValue(id, out var here) || _admitted.TryGetValue(id, out here) ? here
        : ofProcess(id) is { } image && Approves(image)
            ? new Admitted(image.Name, image.Content, [.. image.References.Select(static reference => reference.Id)], [])
            : null;
}
