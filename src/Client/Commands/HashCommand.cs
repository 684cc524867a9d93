using System.CommandLine;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Security.Cryptography;
using MicroSpark.Client.CommandLine;
using MicroSpark.Client.Output;
using MicroSpark.Code;

namespace MicroSpark.Client.Commands;

/// <summary><c>hash</c>: the hashes by which workers know the assemblies that they may load.</summary>
internal static class HashCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command(
            "hash",
            "Print the SHA-256 of assemblies, for the file that the workers' setting ApprovedAssemblies names. Files that workers have "
            + "anyway, or that are no assemblies, are left out.");
        var files = new Argument<FileInfo[]>("FILE")
        { Description = "A program's .dll and those that it brings.", Arity = ArgumentArity.OneOrMore };
        command.Arguments.Add(files);
        command.SetAction(parsed =>
        {
            foreach (var file in parsed.GetValue(files)!)
            {
                Print(file, terminal);
            }
        });
        return command.WithExamples("microspark hash bin/Release/net10.0/*.dll > approved");
    }

    private static void Print(FileInfo file, Terminal terminal)
    {
        byte[] image;
        try
        {
            image = File.ReadAllBytes(file.FullName);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{file} cannot be read: {e.Message}");
        }

        if (NameOf(image) is not { } name)
        {
            terminal.Error.WriteLine($"{file.Name} is left out: it is no .NET assembly.");
        }
        else if (SharedCode.Has(name))
        {
            terminal.Error.WriteLine($"{file.Name} is left out: workers have '{name}' themselves.");
        }
        else
        {
            terminal.Out.WriteLine($"{Convert.ToHexStringLower(SHA256.HashData(image))}  {file.Name}");
        }
    }

    private static string? NameOf(byte[] image)
    {
        try
        {
            using var reader = new PEReader(new MemoryStream(image));
            if (!reader.HasMetadata)
            {
                return null;
            }

            var metadata = reader.GetMetadataReader();
            return metadata.IsAssembly ? metadata.GetString(metadata.GetAssemblyDefinition().Name) : null;
        }
        catch (BadImageFormatException)
        {
            return null;
        }
    }
}
