using System.Reflection;
using System.Runtime.Loader;

namespace MicroSpark.Client.Submitting;

/// <summary>
/// Loads a program with the libraries that lie beside it, in the versions that it was built with. Only MicroSpark itself is this
/// process's own: the program's jobs must meet the context that the console set up.
/// </summary>
internal sealed class ProgramLoadContext(string program) : AssemblyLoadContext(Path.GetFileName(program))
{
    private readonly AssemblyDependencyResolver _resolver = new(program);

    protected override Assembly? Load(AssemblyName assemblyName) =>
        assemblyName.Name is "MicroSpark" or "MicroSpark.Core" or "MicroSpark.Grains" ? null
        : _resolver.ResolveAssemblyToPath(assemblyName) is { } path ? LoadFromAssemblyPath(path)
        : null;

    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : 0;
}
