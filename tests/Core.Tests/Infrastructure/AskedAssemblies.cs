using System.Collections.Concurrent;
using System.Reflection;

namespace MicroSpark.Tests.Infrastructure;

/// <summary>The assemblies that the runtime did not find by itself, as long as this lives, and so asked for.</summary>
internal sealed class AskedAssemblies : IDisposable
{
    private readonly ConcurrentQueue<string> _names = [];

    public AskedAssemblies() => AppDomain.CurrentDomain.AssemblyResolve += Note;

    public bool Has(string name) => _names.Any(asked => asked.StartsWith(name, StringComparison.Ordinal));

    public void Dispose() => AppDomain.CurrentDomain.AssemblyResolve -= Note;

    private Assembly? Note(object? sender, ResolveEventArgs request)
    {
        _names.Enqueue(request.Name);
        return null;
    }
}
