using System.Reflection;

namespace MicroSpark.Code;

/// <summary>Looks up what a token of foreign code means.</summary>
internal static class IlTokens
{
    public delegate T Lookup<out T>(in IlInstruction instruction);

    /// <summary>Null when the assembly behind a token is not there: then nothing of it is the user's own code.</summary>
    public static T? Resolve<T>(Lookup<T> lookup, in IlInstruction instruction)
        where T : MemberInfo
    {
        try
        {
            return lookup(instruction);
        }
        catch (Exception error) when (error is FileNotFoundException or FileLoadException or TypeLoadException or BadImageFormatException
            or MissingMemberException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
