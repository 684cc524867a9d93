using System.Reflection;
using MicroSpark.Client.Output;

namespace MicroSpark.Client.Submitting;

/// <summary>A user's compiled program inside this process.</summary>
internal sealed class SubmittedProgram
{
    private readonly MethodInfo _main;

    private SubmittedProgram(MethodInfo main) => _main = main;

    /// <exception cref="UsageException">The file is missing, no assembly, or an assembly without a Main.</exception>
    public static SubmittedProgram Load(string path)
    {
        var file = Path.GetFullPath(path);
        if (!File.Exists(file))
        {
            throw new UsageException($"There is no file {file}: give the path of a compiled program, such as bin/Release/net10.0/App.dll.");
        }

        try
        {
            var assembly = new ProgramLoadContext(file).LoadFromAssemblyPath(file);
            return new SubmittedProgram(
                assembly.EntryPoint ?? throw new UsageException($"{file} has no Main: it is a library. Submit the program that uses it."));
        }
        catch (BadImageFormatException e)
        {
            throw new UsageException($"{file} is no .NET assembly. Give the .dll that `dotnet build` makes, not the starter beside it.", e);
        }
    }

    /// <summary>Runs Main, the awaited one too, and gives its exit code. Its exceptions come out as they are.</summary>
    public int Run(string[] arguments)
    {
        object?[] given = _main.GetParameters().Length == 0 ? [] : [arguments];
        var result = _main.Invoke(null, BindingFlags.DoNotWrapExceptions, null, given, null);
        return result as int? ?? Environment.ExitCode;
    }
}
