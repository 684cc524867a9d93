using System.Reflection;

namespace MicroSpark.Code;

/// <summary>Reads foreign code, which may mention what is not there, or be of no compiler's making.</summary>
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
        catch (Exception error) when (IsUnreadable(error))
        {
            return null;
        }
    }

    /// <summary>Whether code has an attribute; false when one of its attributes is not there, so that they cannot be told.</summary>
    public static bool Has<TAttribute>(MemberInfo member)
        where TAttribute : Attribute
    {
        try
        {
            return member.IsDefined(typeof(TAttribute), inherit: false);
        }
        catch (Exception error) when (IsUnreadable(error))
        {
            return false;
        }
    }

    /// <summary>
    /// Whether a reader of foreign code found something that is not there, or that is no code: the method may run all the same, as long as
    /// it does not come to it.
    /// </summary>
    public static bool IsUnreadable(Exception error) => error is FileNotFoundException or FileLoadException or TypeLoadException
        or BadImageFormatException or MissingMemberException or ArgumentException or NotSupportedException or InvalidOperationException;
}
