using MicroSpark.Plans;

namespace MicroSpark.Engine;

/// <summary>What an exception that a task ended with means. User code may have wrapped it.</summary>
internal static class TaskErrors
{
    /// <summary>The input that was gone; null when that is not why.</summary>
    public static InputLostException? Lost(Exception? e)
    {
        for (; e is not null; e = e.InnerException)
        {
            if (e is InputLostException lost)
            {
                return lost;
            }
        }

        return null;
    }

    /// <summary>
    /// A type whose initializer was interrupted stays unusable in its load context. Whoever asks for it later gets the same exception.
    /// </summary>
    public static bool HasBrokenType(Exception? e)
    {
        var ofType = false;
        for (; e is not null; e = e.InnerException)
        {
            ofType |= e is TypeInitializationException;
            if (ofType && e is ThreadInterruptedException)
            {
                return true;
            }
        }

        return false;
    }
}
